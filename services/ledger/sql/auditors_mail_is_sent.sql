-- Whether the mail of a day was sent.
--   $1 day date
SELECT EXISTS (SELECT FROM ledger.auditors_mail WHERE day = $1 AND sent_at IS NOT NULL) AS sent;
