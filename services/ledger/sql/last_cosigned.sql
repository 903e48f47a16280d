-- The size of the last checkpoint that a witness has cosigned; 0 if it has cosigned none.
--   $1 the name and the id of its key
SELECT coalesce(max(size), 0) AS size FROM ledger.cosignature WHERE witness = $1;
