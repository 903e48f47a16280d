-- Cases of the live generation in order of their ids; one row of nulls if there are none.
--   $1 status or null   $2 team or null   $3 worker or null   $4 whether a worker has it, or null
--   $5 what the id begins with, or null   $6 family or null   $7 after which case id   $8 how many at most
SELECT live.position AS as_of, found.*
FROM projector.generation AS live
LEFT JOIN LATERAL (
    SELECT status.*, EXISTS (
        SELECT FROM projector_seen.parked
        WHERE parked.generation = live.number AND parked.case_id = status.case_id
    ) AS parked
    FROM projector_seen.case_status AS status
    WHERE status.generation = live.number AND ($1::text IS NULL OR status.status = $1)
      AND ($2::text IS NULL OR status.team = $2) AND ($3::text IS NULL OR status.worker = $3)
      AND ($4::boolean IS NULL OR (status.worker IS NOT NULL) = $4)
      -- Every id that begins so lies between the two: no id has a character after `z`.
      AND ($5::text IS NULL OR (status.case_id >= $5 AND status.case_id < $5 || '~'))
      AND ($6::text IS NULL OR status.family_id = $6) AND status.case_id > $7
    ORDER BY status.case_id LIMIT $8
) AS found ON true
WHERE live.state = 'LIVE' ORDER BY found.case_id;
