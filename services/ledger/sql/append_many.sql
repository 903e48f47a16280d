-- Append the requests of one group commit; one row a request, in order. See the functions' own texts.
--   $1 requests integer[]   $2 cases text[]   $3 versions bigint[]   $4 sources text[]   $5 ids text[]
--   $6 types text[]   $7 occurred timestamptz[]   $8 recorded timestamptz   $9 contents bytea[]
--   $10 documents bytea[]   $11 the version of the office that they were decided on bigint, or null
SELECT request, outcome, position, caseversion, stored, reused
FROM ledger.append_many_as_of($11, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10);
