-- Which erasures were decided and are not done is asked again and again, and must not cost a walk of the ledger.

CREATE INDEX event_of_erasure ON ledger.event (case_id, type) WHERE type IN ('ErasureDecided', 'KeyDestroyed');
