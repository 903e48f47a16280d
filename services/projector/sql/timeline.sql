-- One case's timeline in the live generation; one row of nulls if it is empty, with whether the case is known.
--   $1 case id   $2 after which position   $3 how many at most
SELECT live.position AS as_of, found.*, EXISTS (
    SELECT FROM projector_seen.history
    WHERE history.generation = live.number AND history.case_id = $1 AND $1 <> 'office'
) AS known
FROM projector.generation AS live
LEFT JOIN LATERAL (
    SELECT * FROM projector_seen.timeline
    WHERE timeline.generation = live.number AND timeline.case_id = $1 AND timeline.position > $2
    ORDER BY timeline.position LIMIT $3
) AS found ON true
WHERE live.state = 'LIVE' ORDER BY found.position;
