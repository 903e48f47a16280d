-- Forget a generation of which no rows are left.
--   $1 generation
DELETE FROM projector.generation WHERE number = $1 AND state <> 'LIVE';
