-- The cosignature lines of a checkpoint.
--   $1 size
SELECT line FROM ledger.cosignature WHERE size = $1 ORDER BY witness;
