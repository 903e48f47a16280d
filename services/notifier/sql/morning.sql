-- When the next digests are due, and what was seen to so far.
SELECT done_on, next_at, touches FROM notifier.morning;
