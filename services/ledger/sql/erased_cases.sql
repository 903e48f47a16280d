-- The cases whose erasure was decided, whatever became of it.
SELECT case_id FROM ledger.event WHERE type = 'ErasureDecided';
