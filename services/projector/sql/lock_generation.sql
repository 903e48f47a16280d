-- Take the row of a generation while its checkpoint is moved; no row if it is retired or gone.
--   $1 generation
-- The transaction need not wait for the disk: a crash of Postgres takes rows and checkpoint back together.
-- And it probes by index, whatever the statistics say: a table may have grown a thousandfold since they were made.
SELECT position, set_config('synchronous_commit', 'off', true), set_config('enable_seqscan', 'off', true),
       set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)
FROM projector.generation WHERE number = $1 AND state IN ('LIVE', 'BUILDING') FOR UPDATE;
