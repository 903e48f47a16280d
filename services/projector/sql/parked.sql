-- The live generation with its checkpoint, and the cases that are parked in it, one row each; nulls if none.
--   $1 how many at most
SELECT live.number AS generation, live.position AS as_of, live.recorded_at, found.*
FROM projector.generation AS live
LEFT JOIN LATERAL (
    SELECT case_id, position, error FROM projector_seen.parked
    WHERE parked.generation = live.number ORDER BY position LIMIT $1
) AS found ON true
WHERE live.state = 'LIVE' ORDER BY found.position;
