-- When the next message is to be sent, other than those that are being sent.
SELECT min(next_attempt_at) FROM notifier.delivery WHERE state = 'PENDING' AND claimed_until IS NULL;
