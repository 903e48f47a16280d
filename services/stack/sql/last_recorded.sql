-- When the last event was recorded; no row before the first.
SELECT recorded_at FROM ledger.event ORDER BY position DESC LIMIT 1;
