-- One case's documents in the live generation, in order, with those of the office's closure days, less which its
-- deadlines are counted; one row of nulls if there are none.
--   $1 case id
SELECT live.position AS as_of, found.*
FROM projector.generation AS live
LEFT JOIN projector_seen.history AS found
    ON found.generation = live.number AND found.case_id = ANY (ARRAY[$1, 'office'])
    AND (found.case_id = $1 OR found.document ~ '"(ClosureDaysSet|EventVoided)"')
WHERE live.state = 'LIVE' ORDER BY found.position;
