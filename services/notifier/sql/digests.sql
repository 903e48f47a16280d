-- What some digests say.
--   $1 notifications
SELECT notification_id, content FROM notifier.digest WHERE notification_id = ANY($1::text[]);
