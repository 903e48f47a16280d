-- Generations that nobody will ask again: retired, or left half built by a rebuild that ended early.
--   Only for the holder of the rebuild's advisory lock.
SELECT number FROM projector.generation WHERE state <> 'LIVE' ORDER BY number;
