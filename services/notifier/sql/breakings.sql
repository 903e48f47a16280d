-- What is said of some breakings of glass.
--   $1 notifications
SELECT notification_id, content FROM notifier.breaking WHERE notification_id = ANY($1::text[]);
