-- Some tiles, as wide as they are; one that is not there is left out.
--   $1 levels smallint[], $2 places bigint[]
SELECT t.level, t.at, t.hashes
FROM unnest($1::smallint[], $2::bigint[]) AS w (level, at)
JOIN ledger.tile t ON t.level = w.level AND t.at = w.at;
