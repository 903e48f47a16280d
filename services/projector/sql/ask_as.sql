-- Say for whom the connection asks, until it goes back to its pool: restricted cases that they may not see are not
-- there for it.
--   $1 account   $2 `on` for the services, which work on every case, otherwise `off`   $3 the moment
SELECT set_config('caseledger.reader', $1, false), set_config('caseledger.sees_all', $2, false),
       set_config('caseledger.now', $3, false);
