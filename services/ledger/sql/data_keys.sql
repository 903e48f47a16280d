-- The data keys of some streams, wrapped; those of a stream that was erased have none.
--   $1 streams text[]
SELECT stream, wrapped, kek_id, destroyed_at FROM keys.data_key WHERE stream = ANY ($1);
