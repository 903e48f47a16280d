-- Delete rows of restricted, each named by its case and position.
--   $1 generation   $2 case ids text[]   $3 positions bigint[], one for each case id
DELETE FROM projector.restricted USING unnest($2::text[], $3::bigint[]) AS gone (case_id, position)
WHERE restricted.generation = $1 AND restricted.case_id = gone.case_id AND restricted.position = gone.position;
