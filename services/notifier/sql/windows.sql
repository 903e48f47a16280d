-- Open alerts, those due first, first; one that was never understood has no due date and comes before all.
--   $1 how many at most
--   $2, $3, $4 after this one's due date (or -infinity), case and alert
--   $5 due before this date
--   $6 cases that are left out
SELECT case_id, alert_id, state, rung, due_on, next_at, parked FROM notifier.window
WHERE is_open AND (coalesce(due_on, '-infinity'::date), case_id, alert_id) > ($2, $3, $4)
  AND coalesce(due_on, '-infinity'::date) < $5 AND case_id <> ALL ($6::text[])
ORDER BY coalesce(due_on, '-infinity'::date), case_id, alert_id LIMIT $1;
