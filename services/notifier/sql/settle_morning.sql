-- Write which morning was seen to, and when the next one is: no row when something came in between.
--   $1 the day of the last morning that was seen to, or null, $2 the next instant, or null, $3 the touches that were read
UPDATE notifier.morning SET done_on = $1, next_at = $2 WHERE touches = $3 RETURNING touches;
