-- A generation and its checkpoint.
--   $1 generation
SELECT number, position, recorded_at FROM projector.generation WHERE number = $1;
