-- Hold the live generation's row: no projector moves its checkpoint until the transaction ends.
-- A holder that falls silent is disconnected, so that it stops nobody for long.
SELECT number, position, recorded_at, set_config('idle_in_transaction_session_timeout', '10s', true)
FROM projector.generation WHERE state = 'LIVE' FOR UPDATE;
