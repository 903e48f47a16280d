-- The whole histories of some cases, each in its order.
--   $1 case ids text[]
SELECT case_id, document FROM ledger.event WHERE case_id = ANY ($1) ORDER BY case_id, case_version;
