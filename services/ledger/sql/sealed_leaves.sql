-- The level-0 tiles that hold the leaves of some positions, as wide as they are, in order.
--   $1 the first position, $2 the last
SELECT t.at, t.hashes FROM ledger.tile t
WHERE t.level = 0 AND t.at BETWEEN ($1::bigint - 1) / 256 AND ($2::bigint - 1) / 256 ORDER BY t.at;
