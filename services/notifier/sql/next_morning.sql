-- When to look again whether digests are due.
SELECT next_at FROM notifier.morning;
