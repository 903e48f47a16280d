-- The alerts of an id in the live generation, each of another case; one row of nulls if there is none.
--   $1 alert id   $2 case id or null   $3 how many at most
SELECT live.position AS as_of, live.closure_days, found.*
FROM projector.generation AS live
LEFT JOIN LATERAL (
    SELECT * FROM projector_seen.alert
    WHERE alert.generation = live.number AND alert.alert_id = $1 AND ($2::text IS NULL OR alert.case_id = $2)
    ORDER BY alert.case_id LIMIT $3
) AS found ON true
WHERE live.state = 'LIVE' ORDER BY found.case_id;
