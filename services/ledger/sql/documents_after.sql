-- The documents after a position, in order, with what their subject on the stream is made of.
--   $1 position, $2 how many at most
SELECT position, case_id, type, document FROM ledger.event WHERE position > $1 ORDER BY position LIMIT $2;
