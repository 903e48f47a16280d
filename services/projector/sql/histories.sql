-- The whole histories of some cases, each in its order.
--   $1 generation   $2 case ids text[]
SELECT case_id, position, document FROM projector.history
WHERE generation = $1 AND case_id = ANY ($2) ORDER BY case_id, position;
