-- Every case's history, case by case: read through a cursor. The office's stream is no case.
--   $1 generation
SELECT case_id, position, document FROM projector.history
WHERE generation = $1 AND case_id <> 'office' ORDER BY case_id, position;
