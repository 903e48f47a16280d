-- Everything that the ledger keeps of its events after a position, in order.
--   $1 position, $2 how many at most
SELECT position, document, leaf, case_id, case_version, source, event_id, type, occurred_at, recorded_at
FROM ledger.event WHERE position > $1 ORDER BY position LIMIT $2;
