-- Have the next morning worked out anew: the office changed, or this notifier took over.
--   $1 when
UPDATE notifier.morning SET next_at = least(coalesce(next_at, $1::timestamptz), $1), touches = touches + 1;
