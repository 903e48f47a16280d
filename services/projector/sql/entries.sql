-- One case's curated chronology, in the order of the days that its entries are about; one row of nulls if it is
-- empty, with whether the case is known.
--   $1 case id   $2 state or null   $3 after the entry at which position, 0 for none   $4 how many at most
SELECT live.position AS as_of, found.*, EXISTS (
    SELECT FROM projector.history
    WHERE history.generation = live.number AND history.case_id = $1 AND $1 <> 'office'
) AS known
FROM projector.generation AS live
LEFT JOIN LATERAL (
    SELECT case_id, position, coalesce(began_on, 'infinity') AS day, item FROM projector.listed
    WHERE listed.generation = live.number AND listed.list = 'entries' AND listed.case_id = $1
      AND ($2::text IS NULL OR listed.state = $2)
      AND ($3 = 0 OR (coalesce(listed.began_on, 'infinity'), listed.position) > (
          SELECT coalesce(shown.began_on, 'infinity'), shown.position FROM projector.listed AS shown
          WHERE shown.generation = live.number AND shown.case_id = $1 AND shown.position = $3
      ))
    ORDER BY day, listed.position LIMIT $4
) AS found ON true
WHERE live.state = 'LIVE' ORDER BY found.day, found.position;
