-- When the first checkpoint that covers a position was signed; no row if none does.
--   $1 position
SELECT signed_at FROM ledger.checkpoint WHERE size >= $1 ORDER BY size LIMIT 1;
