-- The few events that restrict a case are found at once, however many others there are: each reading of history asks.
CREATE INDEX event_of_restriction ON ledger.event (position)
    WHERE type ~ '^(CaseRestricted|RestrictionLifted|BreakGlassUsed)$';
