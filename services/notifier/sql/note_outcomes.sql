-- Note what became of attempts, as the ledger has it; an older attempt than the row knows changes nothing.
--   $1 notifications, $2 channels (each pair once), $3 cases, $4 alerts, $5 kinds, $6 rungs, $7 holders,
--   $8 states, $9 attempts, $10 when it was recorded, $11 when to try again, $12 errors
INSERT INTO notifier.delivery AS d (notification_id, channel, case_id, alert_id, kind, rung, holder,
                                    state, attempts, since, next_attempt_at, last_error)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                     $8::text[], $9::integer[], $10::timestamptz[], $11::timestamptz[], $12::text[])
ON CONFLICT (notification_id, channel) DO UPDATE
SET state = excluded.state, attempts = excluded.attempts, next_attempt_at = excluded.next_attempt_at,
    last_error = excluded.last_error, claimed_until = NULL
WHERE d.attempts < excluded.attempts;
