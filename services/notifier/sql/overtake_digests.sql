-- Drop the waiting digests of every morning but the last that was seen to; one that is being sent is left alone.
UPDATE notifier.delivery d SET state = 'OVERTAKEN'
WHERE d.kind = 'DIGEST' AND d.state = 'PENDING' AND d.claimed_until IS NULL
  AND NOT EXISTS (SELECT FROM notifier.digest g JOIN notifier.morning m ON m.done_on = g.day
                  WHERE g.notification_id = d.notification_id);
