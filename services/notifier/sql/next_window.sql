-- When the next alert is to be looked at.
SELECT min(next_at) FROM notifier.window WHERE next_at IS NOT NULL;
