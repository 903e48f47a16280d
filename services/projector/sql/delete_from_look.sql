-- Delete rows of look, each named by its stream and position.
--   $1 generation   $2 streams text[]   $3 positions bigint[], one for each stream
DELETE FROM projector.look USING unnest($2::text[], $3::bigint[]) AS gone (stream, position)
WHERE look.generation = $1 AND look.stream = gone.stream AND look.position = gone.position;
