-- Those of some events that are already in the ledger: where they were asked for, what was submitted, the document.
--   $1 sources text[]   $2 ids text[]
SELECT asked.nth - 1 AS place, event.content, event.document
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked (source, id, nth)
JOIN ledger.event ON event.source = asked.source AND event.event_id = asked.id
ORDER BY asked.nth;
