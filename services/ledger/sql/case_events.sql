-- One case's documents in order, each with its case version, as known at an instant.
--   $1 case id   $2 after which case version   $3 recorded until timestamptz or null
SELECT case_version, document FROM ledger.event
WHERE case_id = $1 AND case_version > $2 AND ($3::timestamptz IS NULL OR recorded_at <= $3)
ORDER BY case_version;
