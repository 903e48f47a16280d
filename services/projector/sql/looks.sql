-- Looks at what is sealed, the newest first, with what is unusual about each; one row of nulls if there are none,
-- with whether anything is recorded of the case.
--   $1 case id or null   $2 who or null   $3 from which instant on, or null   $4 a flag or null
--   $5 before which position   $6 how many at most
-- A look is judged by what was recorded before it, so what was said of it once stays: the team that had the case
-- then (one that no team had is outside nobody's), at how many cases the same person had looked within the hour up to it, and whether they had broken its glass.
SELECT live.position AS as_of, found.*, EXISTS (
    SELECT FROM projector_seen.history WHERE history.generation = live.number AND history.case_id = $1
) AS known
FROM projector.generation AS live
LEFT JOIN LATERAL (
    SELECT look.*, held.team AS case_team, within.cases AS cases_within_the_hour, flagged.unusual
    FROM projector_seen.look
    LEFT JOIN LATERAL (
        SELECT team FROM projector_seen.team_held AS before
        WHERE before.generation = live.number AND before.case_id = look.case_id AND before.position < look.position
        ORDER BY before.position DESC LIMIT 1
    ) AS held ON true
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT other.case_id) AS cases FROM projector_seen.look AS other
        WHERE other.generation = live.number AND other.who = look.who AND other.position <= look.position
          AND other.looked_at > look.looked_at - interval '1 hour'
    ) AS within
    CROSS JOIN LATERAL (
        SELECT array_remove(ARRAY[
            CASE WHEN held.team IS NOT NULL AND held.team <> ALL (look.teams) THEN 'OUTSIDE_TEAM' END,
            CASE WHEN within.cases > 20 THEN 'MANY_CASES' END,
            CASE WHEN EXISTS (
                SELECT FROM projector_seen.opening
                WHERE opening.generation = live.number AND opening.case_id = look.case_id AND opening.who = look.who
                  AND opening.position < look.position AND opening.until > look.looked_at
            ) THEN 'BREAK_GLASS' END
        ], NULL) AS unusual
    ) AS flagged
    WHERE look.generation = live.number AND ($1::text IS NULL OR look.case_id = $1)
      AND ($2::text IS NULL OR look.who = $2) AND ($3::timestamptz IS NULL OR look.looked_at >= $3)
      AND ($4::text IS NULL OR $4 = ANY (flagged.unusual)) AND look.position < $5
    ORDER BY look.position DESC LIMIT $6
) AS found ON true
WHERE live.state = 'LIVE' ORDER BY found.position DESC;
