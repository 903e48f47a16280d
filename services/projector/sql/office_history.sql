-- What is recorded of the office, in its order.
--   $1 generation
SELECT position, document FROM projector.history
WHERE generation = $1 AND case_id = 'office' ORDER BY position;
