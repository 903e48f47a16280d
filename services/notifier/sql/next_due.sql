-- When something is next due: an alert to look at, a message to send, a morning's digests.
SELECT least(
    (SELECT min(next_at) FROM notifier.window WHERE next_at IS NOT NULL),
    (SELECT min(next_attempt_at) FROM notifier.delivery WHERE state = 'PENDING'),
    (SELECT next_at FROM notifier.morning));
