-- The checkpoints after a size, up to another, in order.
--   $1 size, $2 size
SELECT size, root, note FROM ledger.checkpoint WHERE size > $1 AND size <= $2 ORDER BY size;
