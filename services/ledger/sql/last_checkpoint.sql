-- The checkpoint of the tree as it is; no row before the first.
SELECT size, root, note FROM ledger.checkpoint ORDER BY size DESC LIMIT 1;
