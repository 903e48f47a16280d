-- Delete rows of alert, each named by its case and position.
--   $1 generation   $2 case ids text[]   $3 positions bigint[], one for each case id
DELETE FROM projector.alert USING unnest($2::text[], $3::bigint[]) AS gone (case_id, position)
WHERE alert.generation = $1 AND alert.case_id = gone.case_id AND alert.position = gone.position;
