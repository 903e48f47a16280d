-- Move a generation's checkpoint from the value that was read; no row if it is not that any more.
--   $1 generation   $2 position read   $3 position reached   $4 when the event there was recorded
UPDATE projector.generation SET position = $3, recorded_at = $4
WHERE number = $1 AND position = $2 AND state IN ('LIVE', 'BUILDING')
RETURNING position;
