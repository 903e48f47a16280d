-- One delivery.
--   $1 notification, $2 channel
SELECT * FROM notifier.delivery WHERE notification_id = $1 AND channel = $2;
