-- Have the messages wait again that were held, about alerts of which something can be said by now.
--   $1 cases, $2 alerts (each alert once)
UPDATE notifier.delivery d SET state = 'PENDING'
FROM unnest($1::text[], $2::text[]) AS i (case_id, alert_id)
WHERE d.case_id = i.case_id AND d.alert_id = i.alert_id AND d.state = 'HELD';
