-- Delete rows of listed, each named by its case and position.
--   $1 generation   $2 case ids text[]   $3 positions bigint[], one for each case id
DELETE FROM projector.listed USING unnest($2::text[], $3::bigint[]) AS gone (case_id, position)
WHERE listed.generation = $1 AND listed.case_id = gone.case_id AND listed.position = gone.position;
