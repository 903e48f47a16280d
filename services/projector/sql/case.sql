-- One case of the live generation; nulls if it has no row, and whether anything at all is recorded of it.
--   $1 case id
SELECT live.position AS as_of, found.*, parked.case_id IS NOT NULL AS parked, EXISTS (
    SELECT FROM projector_seen.history
    WHERE history.generation = live.number AND history.case_id = $1 AND $1 <> 'office'
) AS known
FROM projector.generation AS live
LEFT JOIN projector_seen.case_status AS found ON found.generation = live.number AND found.case_id = $1
LEFT JOIN projector_seen.parked ON parked.generation = live.number AND parked.case_id = $1
WHERE live.state = 'LIVE';
