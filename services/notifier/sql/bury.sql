-- Send a message no more: the ledger would not have its outcome.
--   $1 notification, $2 channel, $3 why
UPDATE notifier.delivery SET state = 'DEAD', claimed_until = NULL, last_error = $3
WHERE notification_id = $1 AND channel = $2;
