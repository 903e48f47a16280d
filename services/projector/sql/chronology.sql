-- One case's events in the order in which they happened; one row of nulls if there are none, with whether the
-- case is known.
--   $1 case id   $2 types text[] or null   $3 after the event at which position, 0 for none   $4 how many at most
SELECT live.position AS as_of, found.*, EXISTS (
    SELECT FROM projector.history
    WHERE history.generation = live.number AND history.case_id = $1 AND $1 <> 'office'
) AS known
FROM projector.generation AS live
LEFT JOIN LATERAL (
    SELECT * FROM projector.timeline
    WHERE timeline.generation = live.number AND timeline.case_id = $1
      AND ($2::text[] IS NULL OR timeline.type = ANY ($2))
      AND ($3 = 0 OR (timeline.happened_on, timeline.time, timeline.position) > (
          SELECT shown.happened_on, shown.time, shown.position FROM projector.timeline AS shown
          WHERE shown.generation = live.number AND shown.case_id = $1 AND shown.position = $3
      ))
    ORDER BY timeline.happened_on, timeline.time, timeline.position LIMIT $4
) AS found ON true
WHERE live.state = 'LIVE' ORDER BY found.happened_on, found.time, found.position;
