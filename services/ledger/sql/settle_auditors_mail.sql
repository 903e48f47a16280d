-- Note that the mail of a day was sent; or give the claim up, so that it may be tried again at once.
--   $1 day date, $2 sent at timestamptz, or null
UPDATE ledger.auditors_mail SET claimed_at = NULL, sent_at = $2 WHERE day = $1 AND sent_at IS NULL;
