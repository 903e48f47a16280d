-- What is recorded of the policies that the office adopted, in its order; one row of null if there is nothing.
SELECT live.position AS as_of, found.document
FROM projector.generation AS live
LEFT JOIN LATERAL (
    SELECT position, document FROM projector_seen.history
    WHERE generation = live.number AND case_id = 'office' AND document ~ '"(PolicyAdopted|EventVoided)"'
) AS found ON true
WHERE live.state = 'LIVE' ORDER BY found.position;
