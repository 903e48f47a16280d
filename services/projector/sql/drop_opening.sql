-- Drop the rows of a generation that is not live. Whoever still reads it under an old snapshot keeps seeing them.
--   $1 generation
DELETE FROM projector.opening WHERE generation = $1;
