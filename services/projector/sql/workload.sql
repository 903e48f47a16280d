-- What each worker has in each team of the live generation, and what nobody has; one row of nulls if there is none.
--   $1 the moment   $2 team or null   $3 worker or null
-- Cases and deadlines are counted together: only a case has a number of alerts, only a deadline a state. The case of
-- an allegation is given to no worker, so nobody misses one there.
SELECT live.position AS as_of, found.*
FROM projector.generation AS live
LEFT JOIN LATERAL (
    SELECT load.team, load.worker, count(load.open_alerts) AS open_cases,
           coalesce(sum(load.open_alerts), 0)::bigint AS open_alerts,
           count(*) FILTER (WHERE load.state = 'OPEN') AS open,
           count(*) FILTER (WHERE load.state = 'DUE_SOON') AS due_soon,
           count(*) FILTER (WHERE load.state = 'OVERDUE') AS overdue,
           count(*) FILTER (WHERE load.closed) AS in_closed_cases,
           min(load.due_on) FILTER (WHERE load.state <> 'OVERDUE') AS next_due_on
    FROM (
        SELECT status.team, status.worker, status.open_alerts, NULL AS state, NULL::date AS due_on, false AS closed
        FROM projector_seen.case_status AS status
        WHERE status.generation = live.number AND status.status NOT IN ('UNKNOWN', 'CONTACT_ONLY', 'CLOSED')
          AND status.status <> 'ALLEGATION'
          AND ($2::text IS NULL OR status.team = $2) AND ($3::text IS NULL OR status.worker = $3)
        UNION ALL
        SELECT each.team, each.worker, NULL,
               projector.deadline_state(each.outcome, each.ended_at, each.over_at, each.soon_at, $1),
               each.due_on, status.status = 'CLOSED'
        FROM projector_seen.deadline AS each
        JOIN projector_seen.case_status AS status ON status.generation = live.number AND status.case_id = each.case_id
            AND status.status <> 'ALLEGATION'
        WHERE each.generation = live.number AND (each.outcome = 'PENDING' OR each.ended_at > $1)
          AND ($2::text IS NULL OR each.team = $2) AND ($3::text IS NULL OR each.worker = $3)
    ) AS load
    GROUP BY load.team, load.worker
) AS found ON true
WHERE live.state = 'LIVE' ORDER BY found.team NULLS LAST, found.worker NULLS LAST;
