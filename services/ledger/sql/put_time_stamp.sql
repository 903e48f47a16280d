-- Keep a time stamp; a second one of the same checkpoint changes nothing.
--   $1 size, $2 asked at timestamptz, $3 time timestamptz, $4 reply bytea
INSERT INTO ledger.time_stamp (size, asked_at, time, reply) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING;
