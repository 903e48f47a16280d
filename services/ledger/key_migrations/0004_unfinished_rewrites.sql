-- A server that goes down while it rewrites a table leaves the file that it has begun, and forgets about it. It
-- holds the keys that are wrapped in it for ever, so it is noted before that a rewrite begins.

CREATE TABLE keys.rewriting (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    begun_at    timestamptz,
    orphaned_at timestamptz
);
INSERT INTO keys.rewriting DEFAULT VALUES;

COMMENT ON COLUMN keys.rewriting.begun_at IS 'Since when a rewrite goes on; one that Postgres ended left nothing';
COMMENT ON COLUMN keys.rewriting.orphaned_at IS 'When one began that the server went down in; null once cleared away';

REVOKE ALL ON keys.rewriting FROM PUBLIC;
GRANT SELECT ON keys.rewriting TO caseledger_ledger;

-- When a rewrite began that the server went down in; null if none did. After a crash Postgres counts anew.
CREATE FUNCTION keys.orphaned_at() RETURNS timestamptz
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(orphaned_at, CASE WHEN begun_at < stats_reset THEN begun_at END)
    FROM keys.rewriting, pg_stat_checkpointer;
$$;

-- Note that a rewrite begins; false while another process is at it. To be committed before it does begin, on its
-- connection, which is to be closed after it.
CREATE FUNCTION keys.begin_rewrite() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT pg_try_advisory_lock(hashtextextended('caseledger keys.rewrite', 0)) THEN
        RETURN false;
    END IF;
    UPDATE keys.rewriting SET orphaned_at = keys.orphaned_at(), begun_at = clock_timestamp();
    RETURN true;
END
$$;

-- Write the table anew, without what was destroyed. Says whether nothing of it is left there: an older transaction
-- of anybody's, if it is still open, may read the former rows, and keeps them.
--
-- Call `keys.begin_rewrite` first. Raises lock_not_available while somebody else reads the table, such as a backup:
-- then nothing was done.
CREATE OR REPLACE FUNCTION keys.rewrite() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '3s'
AS $$
DECLARE
    rows bigint;
    versions bigint;
BEGIN
    LOCK TABLE keys.data_key IN ACCESS EXCLUSIVE MODE;
    UPDATE keys.rewriting SET begun_at = NULL;
    IF NOT EXISTS (SELECT FROM keys.data_key WHERE destroyed_at IS NOT NULL AND scrubbed_at IS NULL
                                               AND rewritten_lsn IS NULL) THEN
        RETURN true;
    END IF;
    SELECT count(*) INTO rows FROM keys.data_key;
    -- Twice: what the first has copied for an older transaction that ended then is in no index, hence not
    -- counted. No transaction that is older than this one can begin any more.
    FOR pass IN 1..2 LOOP
        CLUSTER keys.data_key USING data_key_pkey;
        SELECT reltuples INTO versions FROM pg_class WHERE oid = 'keys.data_key_pkey'::regclass;
        IF versions > rows THEN
            RETURN false;
        END IF;
    END LOOP;
    UPDATE keys.data_key SET rewritten_lsn = pg_current_wal_insert_lsn()
    WHERE destroyed_at IS NOT NULL AND scrubbed_at IS NULL AND rewritten_lsn IS NULL;
    RETURN true;
END
$$;

REVOKE ALL ON FUNCTION keys.begin_rewrite(), keys.orphaned_at() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION keys.begin_rewrite(), keys.orphaned_at() TO caseledger_ledger;
