-- The last checkpoint that was time-stamped, and when it was asked for; no row before the first.
SELECT size, asked_at FROM ledger.time_stamp ORDER BY size DESC LIMIT 1;
