-- Destroy the data key of a stream, or see to it that it never gets one; no row if that was done before.
--   $1 stream, $2 now timestamptz
INSERT INTO keys.data_key (stream, wrapped, kek_id, destroyed_at) VALUES ($1, NULL, '', $2)
ON CONFLICT (stream) DO UPDATE SET wrapped = NULL, destroyed_at = $2 WHERE data_key.destroyed_at IS NULL
RETURNING destroyed_at;
