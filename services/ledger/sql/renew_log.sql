-- Have the files of the log go that hold destroyed keys, and say how it went: done, busy, kept, too_many.
--   $1 now timestamptz
SELECT keys.renew_log($1);
