-- Alerts of the live generation in the order in which they began; one row of nulls if there are none.
--   $1 open or null   $2 rung or null   $3 due before which date, or null   $4 case id or null
--   $5 after which position   $6 how many at most
SELECT live.position AS as_of, live.closure_days, found.*
FROM projector.generation AS live
LEFT JOIN LATERAL (
    SELECT * FROM projector_seen.alert
    WHERE alert.generation = live.number AND ($1::boolean IS NULL OR alert.open = $1)
      AND ($2::text IS NULL OR alert.rung = $2) AND ($3::date IS NULL OR alert.due_on < $3)
      AND ($4::text IS NULL OR alert.case_id = $4) AND alert.position > $5
    ORDER BY alert.position LIMIT $6
) AS found ON true
WHERE live.state = 'LIVE' ORDER BY found.position;
