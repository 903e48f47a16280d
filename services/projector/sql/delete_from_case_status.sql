-- Delete rows of case_status, each named by its case and position.
--   $1 generation   $2 case ids text[]   $3 positions bigint[], one for each case id
DELETE FROM projector.case_status USING unnest($2::text[], $3::bigint[]) AS gone (case_id, position)
WHERE case_status.generation = $1 AND case_status.case_id = gone.case_id AND case_status.position = gone.position;
