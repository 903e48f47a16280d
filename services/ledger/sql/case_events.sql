-- One case's documents in order, as known at one instant and of what had happened by another.
--   $1 case id   $2 after which case version   $3 recorded until timestamptz or null
--   $4 occurred until timestamptz or null
SELECT document FROM ledger.event
WHERE case_id = $1 AND case_version > $2
  AND ($3::timestamptz IS NULL OR recorded_at <= $3)
  AND ($4::timestamptz IS NULL OR occurred_at <= $4)
ORDER BY case_version;
