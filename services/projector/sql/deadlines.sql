-- Deadlines of the live generation in order of their due dates; one row of nulls if there are none.
--   $1 the moment   $2 outcomes text[] that can be in these states   $3 states text[]   $4 rule or timer, or null
--   $5 team or null   $6 worker or null   $7 case id or null   $8 whether somebody has it, or null
--   $9 due from which date, or null   $10 due before which date, or null
--   $11 after which date, $12 case id and $13 id   $14 how many at most
-- Each outcome is read in its own order. What ends on a day to come stands as if it did not, until then.
SELECT live.position AS as_of, live.closure_days, found.*
FROM projector.generation AS live
LEFT JOIN LATERAL (
    SELECT either.*,
           projector.deadline_state(either.outcome, either.ended_at, either.over_at, either.soon_at, $1) AS state
    FROM (
        SELECT settled.* FROM unnest($2::text[]) AS wanted (outcome)
        CROSS JOIN LATERAL (
            SELECT * FROM projector_seen.deadline AS each
            WHERE each.generation = live.number AND each.outcome = wanted.outcome AND each.outcome <> 'DROPPED'
              AND (each.ended_at IS NULL OR each.ended_at <= $1)
              AND projector.deadline_state(each.outcome, each.ended_at, each.over_at, each.soon_at, $1) = ANY ($3)
              AND ($4::text IS NULL OR each.rule = $4 OR each.timer = $4)
              AND ($5::text IS NULL OR each.team = $5) AND ($6::text IS NULL OR each.worker = $6)
              AND ($7::text IS NULL OR each.case_id = $7)
              AND ($8::boolean IS NULL OR (each.worker IS NOT NULL) = $8)
              AND ($9::date IS NULL OR each.board_on >= $9) AND ($10::date IS NULL OR each.board_on < $10)
              AND (each.board_on, each.case_id, each.deadline_id) > ($11, $12, $13)
            ORDER BY each.board_on, each.case_id, each.deadline_id LIMIT $14
        ) AS settled
        UNION ALL
        SELECT * FROM projector_seen.deadline AS each
        WHERE each.generation = live.number AND each.ended_at > $1
          AND projector.deadline_state(each.outcome, each.ended_at, each.over_at, each.soon_at, $1) = ANY ($3)
          AND ($4::text IS NULL OR each.rule = $4 OR each.timer = $4)
          AND ($5::text IS NULL OR each.team = $5) AND ($6::text IS NULL OR each.worker = $6)
          AND ($7::text IS NULL OR each.case_id = $7)
          AND ($8::boolean IS NULL OR (each.worker IS NOT NULL) = $8)
          AND ($9::date IS NULL OR each.board_on >= $9) AND ($10::date IS NULL OR each.board_on < $10)
          AND (each.board_on, each.case_id, each.deadline_id) > ($11, $12, $13)
    ) AS either
    ORDER BY either.board_on, either.case_id, either.deadline_id LIMIT $14
) AS found ON true
WHERE live.state = 'LIVE' ORDER BY found.board_on, found.case_id, found.deadline_id;
