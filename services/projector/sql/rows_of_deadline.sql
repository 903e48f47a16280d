-- The rows that some cases have in deadline, the columns in the order of its view's row.
--   $1 generation   $2 case ids text[]
SELECT case_id, deadline_id, rule, timer, basis, unit, about, nth, outcome, started_on, due_on, soon_on,
       warnings, met_on, ended_on, over_at, soon_at, met_at, ended_at, team, worker
FROM projector.deadline WHERE generation = $1 AND case_id = ANY ($2);
