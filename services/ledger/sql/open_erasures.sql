-- The cases whose erasure was decided, and whose key nobody has recorded as destroyed.
SELECT case_id FROM ledger.event AS decided
WHERE type = 'ErasureDecided' AND NOT EXISTS (
    SELECT FROM ledger.event AS done WHERE done.case_id = decided.case_id AND done.type = 'KeyDestroyed'
);
