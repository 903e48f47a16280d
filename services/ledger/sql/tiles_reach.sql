-- How many leaves the tiles hold, by the last of them; 0 if there is none.
SELECT coalesce((SELECT t.at * 256 + octet_length(t.hashes) / 32 FROM ledger.tile t
                 WHERE t.level = 0 ORDER BY t.at DESC LIMIT 1), 0);
