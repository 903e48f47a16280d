-- Have the open alerts looked at again that somebody's coming or going concerns.
--   $1 rungs whose holders changed, $2 holders who may have raised alerts, $3 when
UPDATE notifier.window SET next_at = least(next_at, $3::timestamptz)
WHERE is_open AND (rung = ANY($1::text[]) OR raised_by = ANY($2::text[]));
