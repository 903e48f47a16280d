-- The first hashes of some tiles; one that is not there, or not so wide, is left out.
--   $1 levels smallint[], $2 places bigint[], $3 widths integer[]
SELECT t.level, t.at, w.width, substring(t.hashes FOR w.width * 32) AS hashes
FROM unnest($1::smallint[], $2::bigint[], $3::integer[]) AS w (level, at, width)
JOIN ledger.tile t ON t.level = w.level AND t.at = w.at
WHERE octet_length(t.hashes) >= w.width * 32;
