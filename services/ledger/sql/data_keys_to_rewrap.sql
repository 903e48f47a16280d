-- Data keys that another key-encryption key wrapped than the one that wraps now, after a stream.
--   $1 the one that wraps now, $2 stream, $3 how many at most
SELECT stream, kek_id, wrapped FROM keys.data_key
WHERE destroyed_at IS NULL AND kek_id <> $1 AND stream > $2 ORDER BY stream LIMIT $3;
