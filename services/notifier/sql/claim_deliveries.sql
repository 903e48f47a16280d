-- Claim messages to send, longest due first. One whose alert is yet to be looked at is not sent before that,
-- nor a digest of which nobody has said what it says.
--   $1 now, $2 how long they are claimed, $3 how many at most
UPDATE notifier.delivery SET claimed_until = $1::timestamptz + $2::interval
WHERE (notification_id, channel) IN (
    SELECT d.notification_id, d.channel FROM notifier.delivery d
    WHERE d.state = 'PENDING' AND d.next_attempt_at <= $1
      AND (d.claimed_until IS NULL OR d.claimed_until <= $1)
      AND NOT EXISTS (
          SELECT FROM notifier.window w
          WHERE w.case_id = d.case_id AND w.alert_id = d.alert_id AND w.next_at <= $1)
      AND (d.kind <> 'DIGEST' OR EXISTS (
          SELECT FROM notifier.digest g WHERE g.notification_id = d.notification_id))
    ORDER BY d.next_attempt_at LIMIT $3 FOR UPDATE OF d SKIP LOCKED)
RETURNING notification_id, channel, case_id, alert_id, kind, rung, holder, attempts;
