-- Drop some rows of a generation that is not live. Whoever still reads it under an old snapshot keeps seeing them.
--   $1 generation   $2 how many at most
DELETE FROM projector.parked WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM projector.parked WHERE generation = $1 LIMIT $2));
