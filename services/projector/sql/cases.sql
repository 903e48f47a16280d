-- Cases of the live generation in order of their ids; one row of nulls if there are none.
--   $1 status or null   $2 after which case id   $3 how many at most
SELECT live.position AS as_of, found.*
FROM projector.generation AS live
LEFT JOIN LATERAL (
    SELECT status.*, EXISTS (
        SELECT FROM projector.parked
        WHERE parked.generation = live.number AND parked.case_id = status.case_id
    ) AS parked
    FROM projector.case_status AS status
    WHERE status.generation = live.number AND ($1::text IS NULL OR status.status = $1) AND status.case_id > $2
    ORDER BY status.case_id LIMIT $3
) AS found ON true
WHERE live.state = 'LIVE' ORDER BY found.case_id;
