-- The cases whose deadlines may be others once some days are, or are no longer, closure days: those that are
-- counted over one of them, and those that could not be counted.
--   $1 generation   $2 days date[]
SELECT DISTINCT case_id FROM projector.deadline
WHERE generation = $1 AND (due_on IS NULL OR EXISTS (
    SELECT FROM unnest($2::date[]) AS changed (day)
    WHERE changed.day BETWEEN least(started_on, due_on) AND greatest(started_on, due_on, soon_on)
));
