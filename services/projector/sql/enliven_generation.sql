-- Make a generation the live one. Fails with a unique violation while another is.
--   $1 generation
UPDATE projector.generation SET state = 'LIVE' WHERE number = $1 AND state = 'BUILDING';
