-- Have messages sent; one that is known already is not sent again, unless it was dropped and is called for anew.
--   $1 notifications, $2 channels (each pair once), $3 cases, $4 alerts, $5 kinds, $6 rungs, $7 holders, $8 now
INSERT INTO notifier.delivery AS d
    (notification_id, channel, case_id, alert_id, kind, rung, holder, since, next_attempt_at)
SELECT i.notification_id, i.channel, i.case_id, i.alert_id, i.kind, i.rung, i.holder, $8, $8
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
     AS i (notification_id, channel, case_id, alert_id, kind, rung, holder)
ON CONFLICT (notification_id, channel) DO UPDATE SET state = 'PENDING' WHERE d.state = 'OVERTAKEN';
