-- Deliveries in one state, newest first.
--   $1 how many at most
--   $2, $3, $4 after this one's `since`, notification and channel
--   $5 the state
SELECT * FROM notifier.delivery
WHERE state = $5 AND (since, notification_id, channel) < ($2, $3, $4)
ORDER BY since DESC, notification_id DESC, channel DESC LIMIT $1;
