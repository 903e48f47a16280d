-- Have every open alert looked at again: an appointment was voided, or the office's calendar changed.
--   $1 when
UPDATE notifier.window SET next_at = least(next_at, $1::timestamptz) WHERE is_open;
