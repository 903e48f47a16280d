-- The leaf hashes after a position, in one value, and the first position at which something is wrong: a gap, or
-- a document that does not name its position or does not hash to its leaf. At most one row.
--   $1 position, $2 how many at most
SELECT count(*) AS count,
       string_agg(e.leaf, ''::bytea ORDER BY e.position) AS leaves,
       min(e.position) FILTER (
           WHERE e.position <> $1 + e.nth
              OR e.leaf <> sha256('\x00'::bytea || convert_to(e.document, 'UTF8'))
              OR NOT starts_with(e.document, '{"position":' || e.position || ',')
       ) AS wrong
FROM (
    SELECT position, leaf, document, row_number() OVER (ORDER BY position) AS nth
    FROM ledger.event WHERE position > $1 ORDER BY position LIMIT $2
) e;
