-- The rows that some cases have in claim, the columns in the order of its view's row.
--   $1 generation   $2 case ids text[]
SELECT case_id, rule, start_on, holds FROM projector.claim WHERE generation = $1 AND case_id = ANY ($2);
