-- The time stamps with what they are of, in order; the note is null if the checkpoint is not there.
--   $1 after which size, $2 how many at most
SELECT s.size, s.reply, c.note
FROM ledger.time_stamp s LEFT JOIN ledger.checkpoint c USING (size)
WHERE s.size > $1 ORDER BY s.size LIMIT $2;
