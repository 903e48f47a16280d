-- Look again, at once, at what another notifier left half done, and at what could not be understood before.
--   $1 now
UPDATE notifier.window SET next_at = least(next_at, $1::timestamptz) WHERE tries > 0 OR parked IS NOT NULL;
