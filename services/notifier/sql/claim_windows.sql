-- The alerts that are due, longest due first, locked; those that another notifier has locked are left to it.
--   $1 now, $2 how many at most
SELECT case_id, alert_id, tries FROM notifier.window
WHERE next_at <= $1 ORDER BY next_at LIMIT $2 FOR UPDATE SKIP LOCKED;
