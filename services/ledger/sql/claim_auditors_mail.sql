-- Take on the mail of a day: once it is claimed nobody else sends it, unless the claim lapses after ten minutes.
-- A claim that lapsed, or was given up, is of the same checkpoint as the first.
--   $1 day date, $2 size, $3 note text
-- No row: it was sent, or somebody else is sending it.
INSERT INTO ledger.auditors_mail AS m (day, size, note, claimed_at) VALUES ($1, $2, $3, clock_timestamp())
ON CONFLICT (day) DO UPDATE SET claimed_at = clock_timestamp()
WHERE m.sent_at IS NULL AND coalesce(m.claimed_at < clock_timestamp() - interval '10 minutes', true)
RETURNING size, note;
