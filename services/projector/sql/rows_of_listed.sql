-- The rows that some cases have in listed, the columns in the order of its view's row.
--   $1 generation   $2 case ids text[]
SELECT case_id, position, list, object_id, state, began_on, over_on, item
FROM projector.listed WHERE generation = $1 AND case_id = ANY ($2);
