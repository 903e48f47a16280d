-- Keep what digests say; one that is kept already says what it said.
--   $1 notifications (each once), $2 the day, $3 what they say
INSERT INTO notifier.digest (notification_id, day, content)
SELECT i.notification_id, $2, i.content FROM unnest($1::text[], $3::text[]) AS i (notification_id, content)
ON CONFLICT DO NOTHING;
