-- Count a generation's deadlines with other closure days from now on.
--   $1 generation   $2 closure days date[]
UPDATE projector.generation SET closure_days = $2 WHERE number = $1;
