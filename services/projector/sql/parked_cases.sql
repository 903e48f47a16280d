-- The cases that are parked in a generation.
--   $1 generation
SELECT case_id FROM projector.parked WHERE generation = $1 ORDER BY case_id;
