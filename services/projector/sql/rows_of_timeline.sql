-- The rows that some cases have in timeline, the columns in the order of its view's row.
--   $1 generation   $2 case ids text[]
SELECT case_id, position, caseversion, event_id, type, time, recordedat, actor, actorrole, flags, alert_id,
       voided, sentence, happened_on
FROM projector.timeline WHERE generation = $1 AND case_id = ANY ($2);
