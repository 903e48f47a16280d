-- One case's curated chronology, in the order of the days that its entries are about; one row of nulls if it is
-- empty, with whether the case is known.
--   $1 case id   $2 state or null   $3 after which day, infinity for none, and $4 position
--   $5 how many at most
SELECT live.position AS as_of, found.*, EXISTS (
    SELECT FROM projector_seen.history
    WHERE history.generation = live.number AND history.case_id = $1 AND $1 <> 'office'
) AS known
FROM projector.generation AS live
LEFT JOIN LATERAL (
    SELECT case_id, position, coalesce(began_on, 'infinity') AS day, item FROM projector_seen.listed
    WHERE listed.generation = live.number AND listed.list = 'entries' AND listed.case_id = $1
      AND ($2::text IS NULL OR listed.state = $2)
      AND (coalesce(listed.began_on, 'infinity'), listed.position) > ($3, $4)
    ORDER BY day, listed.position LIMIT $5
) AS found ON true
WHERE live.state = 'LIVE' ORDER BY found.day, found.position;
