-- Grow the tree and keep its checkpoint; see ledger.seal.
--   $1 old size, $2 new size, $3 root bytea, $4 signed at timestamptz, $5 note text,
--   $6 levels smallint[], $7 places bigint[], $8 widths integer[], $9 additions bytea[]
-- Fails with 40001 if the tree is not as it was read.
SELECT ledger.seal($1, $2, $3, $4, $5, $6, $7, $8, $9);
