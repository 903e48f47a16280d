-- The checkpoint of a size; no row if there is none of just that size.
--   $1 size
SELECT size, root, note FROM ledger.checkpoint WHERE size = $1;
