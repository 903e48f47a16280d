-- Delete rows of team_held, each named by its case and position.
--   $1 generation   $2 case ids text[]   $3 positions bigint[], one for each case id
DELETE FROM projector.team_held USING unnest($2::text[], $3::bigint[]) AS gone (case_id, position)
WHERE team_held.generation = $1 AND team_held.case_id = gone.case_id AND team_held.position = gone.position;
