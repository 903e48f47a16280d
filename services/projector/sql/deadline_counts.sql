-- How many deadlines of the live generation stand how, team by team; one row of nulls if there are none.
--   $1 the moment   $2 outcomes text[] that can be in these states   $3 states text[]   $4 rule or timer, or null
--   $5 team or null   $6 worker or null   $7 case id or null   $8 whether somebody has it, or null
--   $9 due from which date, or null   $10 due before which date, or null
SELECT live.position AS as_of, found.*
FROM projector.generation AS live
LEFT JOIN LATERAL (
    SELECT counted.team, counted.state, count(*) AS number
    FROM (
        SELECT each.team,
               projector.deadline_state(each.outcome, each.ended_at, each.over_at, each.soon_at, $1) AS state
        FROM projector_seen.deadline AS each
        WHERE each.generation = live.number
          AND ((each.outcome = ANY ($2) AND each.outcome <> 'DROPPED') OR each.ended_at > $1)
          AND ($4::text IS NULL OR each.rule = $4 OR each.timer = $4)
          AND ($5::text IS NULL OR each.team = $5) AND ($6::text IS NULL OR each.worker = $6)
          AND ($7::text IS NULL OR each.case_id = $7)
          AND ($8::boolean IS NULL OR (each.worker IS NOT NULL) = $8)
          AND ($9::date IS NULL OR each.board_on >= $9) AND ($10::date IS NULL OR each.board_on < $10)
    ) AS counted
    WHERE counted.state = ANY ($3)
    GROUP BY counted.team, counted.state
) AS found ON true
WHERE live.state = 'LIVE' ORDER BY found.team NULLS LAST, found.state;
