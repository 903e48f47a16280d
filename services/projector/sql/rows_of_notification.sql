-- The rows that some cases have in notification, the columns in the order of its view's row.
--   $1 generation   $2 case ids text[]
SELECT case_id, position, alert_id, notification_id, kind, rung, holder, channel, state, attempts,
       first_at, last_at, error
FROM projector.notification WHERE generation = $1 AND case_id = ANY ($2);
