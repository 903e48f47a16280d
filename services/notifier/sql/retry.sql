-- Try a dead message again, now: no row when there is none, or when it is not dead.
--   $1 notification, $2 channel, $3 now
UPDATE notifier.delivery SET state = 'PENDING', next_attempt_at = $3
WHERE notification_id = $1 AND channel = $2 AND state = 'DEAD'
RETURNING *;
