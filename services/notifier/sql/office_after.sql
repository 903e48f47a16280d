-- What is kept of the office after a position, in its order; one row of null if there is nothing.
--   $1 position
SELECT checkpoint.position AS reached, found.document
FROM notifier.checkpoint
LEFT JOIN LATERAL (
    SELECT position, document FROM notifier.history WHERE case_id = 'office' AND position > $1
) AS found ON true
ORDER BY found.position;
