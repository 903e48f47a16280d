-- The rows that some access logs have in look, the columns in the order of its view's row.
--   $1 generation   $2 streams text[]
SELECT stream, position, case_id, who, looked_at, purpose, fields, versions, teams
FROM projector.look WHERE generation = $1 AND stream = ANY ($2);
