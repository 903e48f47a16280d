-- The documents after one position through another, in order; run inside COPY ... TO STDOUT.
--   $1 after which position, $2 through which position
SELECT document FROM ledger.event WHERE position > $1 AND position <= $2 ORDER BY position
