-- The rows that some cases have in restricted, the columns in the order of its row.
--   $1 generation   $2 case ids text[]
SELECT case_id, position, allowed, denied, open_to, open_until
FROM projector.restricted WHERE generation = $1 AND case_id = ANY ($2);
