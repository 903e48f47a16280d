-- Append the requests of one group commit; one row a request, in order. See the function's own text.
--   $1 requests integer[]   $2 cases text[]   $3 versions bigint[]   $4 sources text[]   $5 ids text[]
--   $6 types text[]   $7 occurred timestamptz[]   $8 recorded timestamptz   $9 contents bytea[]
--   $10 documents bytea[]
SELECT request, outcome, position, caseversion, stored, reused
FROM ledger.append_many($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);
