-- What was recorded of restrictions, of one case or of all, in order.
--   $1 case id or null
-- The condition is the index's own, letter by letter: it finds them without looking at any other event.
SELECT case_id, position, document FROM ledger.event
WHERE type ~ '^(CaseRestricted|RestrictionLifted|BreakGlassUsed)$' AND ($1::text IS NULL OR case_id = $1)
ORDER BY position;
