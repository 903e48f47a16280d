-- The events of one case, or of all cases of a family, in the order in which they happened; one row of nulls if
-- there are none, with whether the case, or the family, is known.
--   $1 case id or null   $2 family id or null   $3 types text[] or null
--   $4 after the event of which case and $5 at which position, 0 for none   $6 how many at most
SELECT live.position AS as_of, found.*, EXISTS (
    SELECT FROM projector_seen.history
    WHERE history.generation = live.number AND history.case_id = $1 AND $1 <> 'office'
) OR EXISTS (
    SELECT FROM projector_seen.case_status AS child
    WHERE child.generation = live.number AND child.family_id = $2
) AS known
FROM projector.generation AS live
LEFT JOIN LATERAL (
    SELECT timeline.* FROM (
        SELECT $1::text AS case_id
        UNION ALL
        SELECT child.case_id FROM projector_seen.case_status AS child
        WHERE child.generation = live.number AND child.family_id = $2::text
    ) AS asked
    JOIN projector_seen.timeline ON timeline.generation = live.number AND timeline.case_id = asked.case_id
    WHERE ($3::text[] IS NULL OR timeline.type = ANY ($3))
      AND ($5 = 0 OR (timeline.happened_on, timeline.time, timeline.position) > (
          SELECT shown.happened_on, shown.time, shown.position FROM projector_seen.timeline AS shown
          WHERE shown.generation = live.number AND shown.case_id = $4 AND shown.position = $5
      ))
    ORDER BY timeline.happened_on, timeline.time, timeline.position LIMIT $6
) AS found ON true
WHERE live.state = 'LIVE' ORDER BY found.happened_on, found.time, found.position;
