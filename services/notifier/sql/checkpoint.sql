-- The last position that is accounted for.
SELECT position FROM notifier.checkpoint;
