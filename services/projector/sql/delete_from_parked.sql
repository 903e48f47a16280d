-- Delete rows of parked, each named by its case and position.
--   $1 generation   $2 case ids text[]   $3 positions bigint[], one for each case id
DELETE FROM projector.parked USING unnest($2::text[], $3::bigint[]) AS gone (case_id, position)
WHERE parked.generation = $1 AND parked.case_id = gone.case_id AND parked.position = gone.position;
