-- Since when a case is erased, or is being erased; null if nobody decided it.
--   $1 case
SELECT max(recorded_at) FROM ledger.event WHERE case_id = $1 AND type IN ('ErasureDecided', 'KeyDestroyed');
