-- The documents after one position through another, less those of some streams, in order; run inside
-- COPY ... TO STDOUT.
--   $1 after which position, $2 through which position, $3 streams text[]
SELECT document FROM ledger.event WHERE position > $1 AND position <= $2 AND case_id <> ALL ($3) ORDER BY position
