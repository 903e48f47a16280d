-- The last checkpoint that a number of witnesses have cosigned, counted by name; no row if there is none.
--   $1 how many witnesses, 1 or more
SELECT c.size, c.root, c.note
FROM ledger.checkpoint c
WHERE c.size = (
    SELECT size FROM ledger.cosignature
    GROUP BY size HAVING count(DISTINCT split_part(witness, '+', 1)) >= $1
    ORDER BY size DESC LIMIT 1
);
