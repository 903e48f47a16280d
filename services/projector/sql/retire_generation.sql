-- Let a generation be live no longer.
--   $1 generation
UPDATE projector.generation SET state = 'RETIRED' WHERE number = $1;
