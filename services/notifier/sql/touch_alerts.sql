-- Have alerts looked at again, now that they have events; an alert that is new gets its row.
--   $1 cases, $2 their alerts (each alert once), $3 when its first event of these was recorded
INSERT INTO notifier.window AS w (case_id, alert_id, next_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[])
ON CONFLICT (case_id, alert_id)
DO UPDATE SET next_at = least(w.next_at, excluded.next_at), tries = 0;
