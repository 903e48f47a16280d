-- Keep a cosignature; a second one by the same key of the same checkpoint changes nothing.
--   $1 size, $2 the name and the id of the key, $3 line, $4 cosigned at timestamptz
INSERT INTO ledger.cosignature (size, witness, line, cosigned_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING;
