-- Account for positions up to $2, where $1 was the last: no row when another notifier has moved it.
--   $1 the checkpoint that was read, $2 the new one
UPDATE notifier.checkpoint SET position = $2 WHERE position = $1 RETURNING position;
