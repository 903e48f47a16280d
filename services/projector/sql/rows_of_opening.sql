-- The rows that some cases have in opening, the columns in the order of its view's row.
--   $1 generation   $2 case ids text[]
SELECT case_id, position, who, until FROM projector.opening WHERE generation = $1 AND case_id = ANY ($2);
