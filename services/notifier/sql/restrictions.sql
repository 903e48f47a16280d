-- What was said of restrictions, in order.
SELECT case_id, document FROM notifier.restriction ORDER BY position;
