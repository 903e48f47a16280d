-- The rows that some cases have in alert, the columns in the order of its view's row.
--   $1 generation   $2 case ids text[]
SELECT case_id, position, alert_id, state, open, rung, day0, due_on, cap_on, cap_reached, repeat_of,
       repeats, cafcass_open, acknowledged, issue_code, raised_by, raised_by_role, raised_at, raised_on,
       exhausted_on, resolution, resolved_on, resolved_at_rung, closed_at, last_position, steps
FROM projector.alert WHERE generation = $1 AND case_id = ANY ($2);
