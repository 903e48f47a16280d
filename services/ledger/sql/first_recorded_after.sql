-- The first event of some positions that was recorded after an instant; null if none was.
--   $1 after this position, $2 up to this one, $3 the instant
SELECT min(position) AS position FROM ledger.event WHERE position > $1 AND position <= $2 AND recorded_at > $3;
