-- Since when nothing is left on the disk of the destroyed key of a stream; null if something may be.
--   $1 stream
SELECT scrubbed_at FROM keys.data_key WHERE stream = $1;
