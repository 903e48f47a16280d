-- The time stamp of the checkpoint of a size; no row if it has none.
--   $1 size
SELECT reply FROM ledger.time_stamp WHERE size = $1;
