-- Hold the waiting messages about alerts of which nothing can be said; one that is being sent is left alone.
--   $1 cases, $2 alerts (each alert once)
UPDATE notifier.delivery d SET state = 'HELD'
FROM unnest($1::text[], $2::text[]) AS i (case_id, alert_id)
WHERE d.case_id = i.case_id AND d.alert_id = i.alert_id AND d.state = 'PENDING' AND d.claimed_until IS NULL;
