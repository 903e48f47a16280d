-- How many messages are dead, and how many alerts are parked, with one reason.
SELECT (SELECT count(*) FROM notifier.delivery WHERE state = 'DEAD') AS dead,
       (SELECT count(*) FROM notifier.window WHERE parked IS NOT NULL AND (tries > 0 OR parked IS NOT NULL)) AS parked,
       (SELECT min(parked) FROM notifier.window WHERE tries > 0 OR parked IS NOT NULL) AS reason;
