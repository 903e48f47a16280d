-- Keep data keys wrapped anew: those that are still as they were read. One destroyed meanwhile stays so.
--   $1 streams text[], $2 wrapped so far bytea[], $3 wrapped now bytea[], $4 key-encryption keys text[]
UPDATE keys.data_key SET wrapped = new.wrapped, kek_id = new.kek_id
FROM unnest($1::text[], $2::bytea[], $3::bytea[], $4::text[]) AS new (stream, before, wrapped, kek_id)
WHERE data_key.stream = new.stream AND data_key.wrapped = new.before AND data_key.destroyed_at IS NULL;
