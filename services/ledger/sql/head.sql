-- The position of the last event; 0 before the first.
SELECT position FROM ledger.head;
