-- What is recorded of the office after a position, in its order, by the generation that has come furthest: while
-- a new one is filled, that is the one before it. One row of null if there is nothing.
--   $1 position
SELECT furthest.position AS reached, found.document
FROM (SELECT number, position FROM projector.generation ORDER BY position DESC, number DESC LIMIT 1) AS furthest
LEFT JOIN LATERAL (
    SELECT position, document FROM projector_seen.history
    WHERE generation = furthest.number AND case_id = 'office' AND position > $1
) AS found ON true
ORDER BY found.position;
