-- Cases of the live generation of which every claim began early enough; one row of nulls if there are none.
--   $1 rules text[]   $2 dates date[], one for each rule: a claim that began by it may be over
--   $3 after which case id   $4 how many cases at most
SELECT live.position AS as_of, found.*
FROM projector.generation AS live
LEFT JOIN LATERAL (
    SELECT claim.case_id, array_agg(claim.rule) AS rules, array_agg(claim.start_on) AS starts, claim.holds
    FROM projector_seen.claim AS claim
    LEFT JOIN unnest($1::text[], $2::date[]) AS early (rule, by_then) ON early.rule = claim.rule
    WHERE claim.generation = live.number AND claim.case_id > $3
    GROUP BY claim.case_id, claim.holds
    HAVING bool_and(coalesce(claim.start_on <= early.by_then, false))
    ORDER BY claim.case_id LIMIT $4
) AS found ON true
WHERE live.state = 'LIVE' ORDER BY found.case_id;
