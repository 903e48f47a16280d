-- Keep what is said of broken glass; what is kept already says what it said.
--   $1 notifications (each once), $2 what they say
INSERT INTO notifier.breaking (notification_id, content)
SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING;
