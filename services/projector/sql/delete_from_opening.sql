-- Delete rows of opening, each named by its case and position.
--   $1 generation   $2 case ids text[]   $3 positions bigint[], one for each case id
DELETE FROM projector.opening USING unnest($2::text[], $3::bigint[]) AS gone (case_id, position)
WHERE opening.generation = $1 AND opening.case_id = gone.case_id AND opening.position = gone.position;
