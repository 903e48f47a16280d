-- The documents of some cases, in order.
--   $1 cases (or the office)
SELECT case_id, document FROM notifier.history WHERE case_id = ANY($1::text[]) ORDER BY case_id, position;
