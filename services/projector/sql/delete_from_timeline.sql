-- Delete rows of timeline, each named by its case and position.
--   $1 generation   $2 case ids text[]   $3 positions bigint[], one for each case id
DELETE FROM projector.timeline USING unnest($2::text[], $3::bigint[]) AS gone (case_id, position)
WHERE timeline.generation = $1 AND timeline.case_id = gone.case_id AND timeline.position = gone.position;
