-- Write what was found of alerts, and when to look again.
--   $1 cases, $2 alerts, $3 states, $4 rungs, $5 raisers, $6 due dates, $7 whether open, $8 next instants,
--   $9 tries, $10 why parked
UPDATE notifier.window w
SET state = i.state, rung = i.rung, raised_by = i.raised_by, due_on = i.due_on, is_open = i.is_open,
    next_at = i.next_at, tries = i.tries, parked = i.parked
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::date[], $7::boolean[],
            $8::timestamptz[], $9::integer[], $10::text[])
     AS i (case_id, alert_id, state, rung, raised_by, due_on, is_open, next_at, tries, parked)
WHERE w.case_id = i.case_id AND w.alert_id = i.alert_id;
