-- The document at a position.
--   $1 position
SELECT document FROM ledger.event WHERE position = $1;
