-- The sizes of the checkpoints that were time-stamped, and the times, in order.
--   $1 after which size, $2 how many at most
SELECT size, time FROM ledger.time_stamp WHERE size > $1 ORDER BY size LIMIT $2;
