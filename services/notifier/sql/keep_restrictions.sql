-- Keep what was said of restrictions.
--   $1 positions, $2 their cases, $3 the documents
-- Fails with a unique violation on a position that is kept already.
INSERT INTO notifier.restriction (position, case_id, document)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[]);
