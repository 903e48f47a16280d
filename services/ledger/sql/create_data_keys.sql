-- Give streams a data key each, unless they have one, or had: names those that this call gave one.
--   $1 streams text[], $2 wrapped bytea[], $3 key-encryption keys text[]
INSERT INTO keys.data_key (stream, wrapped, kek_id)
SELECT stream, wrapped, kek_id FROM unnest($1::text[], $2::bytea[], $3::text[]) AS new (stream, wrapped, kek_id)
ON CONFLICT DO NOTHING
RETURNING stream;
