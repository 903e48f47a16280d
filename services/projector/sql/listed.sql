-- One list of the live generation, in the order in which its objects were first told of; one row of nulls if empty.
--   $1 list   $2 state or null   $3 case id or null   $4 going on at the end of which London date, or null
--   $5 after which position   $6 how many at most
SELECT live.position AS as_of, found.*
FROM projector.generation AS live
LEFT JOIN LATERAL (
    SELECT case_id, position, item FROM projector_seen.listed
    WHERE listed.generation = live.number AND listed.list = $1 AND ($2::text IS NULL OR listed.state = $2)
      AND ($3::text IS NULL OR listed.case_id = $3)
      AND ($4::date IS NULL OR (listed.began_on <= $4 AND (listed.over_on IS NULL OR listed.over_on > $4)))
      AND listed.position > $5
    ORDER BY listed.position LIMIT $6
) AS found ON true
WHERE live.state = 'LIVE' ORDER BY found.position;
