-- Have every alert of some cases looked at again: an event of theirs was voided.
--   $1 cases, $2 when
UPDATE notifier.window SET next_at = least(next_at, $2::timestamptz), tries = 0 WHERE case_id = ANY($1::text[]);
