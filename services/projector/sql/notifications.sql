-- Notifications of the live generation in the order of their first attempts; one row of nulls if there are none.
--   $1 alert id or null   $2 holder or null   $3 state or null   $4 case id or null
--   $5 after which position   $6 how many at most
SELECT live.position AS as_of, found.*
FROM projector.generation AS live
LEFT JOIN LATERAL (
    SELECT * FROM projector_seen.notification AS told
    WHERE told.generation = live.number AND ($1::text IS NULL OR told.alert_id = $1)
      AND ($2::text IS NULL OR told.holder = $2) AND ($3::text IS NULL OR told.state = $3)
      AND ($4::text IS NULL OR told.case_id = $4) AND told.position > $5
    ORDER BY told.position LIMIT $6
) AS found ON true
WHERE live.state = 'LIVE' ORDER BY found.position;
