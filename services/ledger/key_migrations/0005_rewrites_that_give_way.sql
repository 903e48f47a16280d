-- A rewrite that waits for who reads the table keeps everybody else waiting behind it: so it gives up soon, and is
-- tried again. One that was refused, or that Postgres ended, has left nothing, and its note goes.

ALTER FUNCTION keys.rewrite() SET lock_timeout = '200ms';

-- Note that the rewrite which `keys.begin_rewrite` began on this connection was refused, or cut short. What a server
-- left that went down before stays noted, and so does what another process is at. The connection keeps the advisory
-- lock that it has from `keys.begin_rewrite`, or takes it here: it is to be closed afterwards.
CREATE FUNCTION keys.end_rewrite() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF pg_try_advisory_lock(hashtextextended('caseledger keys.rewrite', 0)) THEN
        UPDATE keys.rewriting SET orphaned_at = keys.orphaned_at(), begun_at = NULL;
    END IF;
END
$$;

REVOKE ALL ON FUNCTION keys.end_rewrite() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION keys.end_rewrite() TO caseledger_ledger;
