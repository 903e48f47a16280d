-- The rows that some cases have in case_status, the columns in the order of its view's row.
--   $1 generation   $2 case ids text[]
SELECT case_id, position, version, status, opened_at, last_event_at, last_recorded_at, last_position,
       events, voided_events, alerts, open_alerts, team, worker, allocated_on,
       family_id
FROM projector.case_status WHERE generation = $1 AND case_id = ANY ($2);
