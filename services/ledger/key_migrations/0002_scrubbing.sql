-- Of a key that was destroyed nothing stays on the disk: neither in the table nor in the write-ahead log.
--
-- What a statement changes, Postgres leaves where it was: as a dead row, and in the log. So the table is written
-- anew (`keys.rewrite`), then the log (`keys.renew_log`), and only then is the key scrubbed. The service owns
-- nothing and may do neither by itself; both functions are its owner's.

ALTER TABLE keys.data_key ADD COLUMN rewritten_lsn pg_lsn, ADD COLUMN scrubbed_at timestamptz;

COMMENT ON COLUMN keys.data_key.rewritten_lsn IS 'From here on the log holds nothing of the destroyed key';
COMMENT ON COLUMN keys.data_key.scrubbed_at IS 'Since when neither the table nor the log holds anything of it';

CREATE INDEX data_key_residue_idx ON keys.data_key (stream)
    WHERE destroyed_at IS NOT NULL AND scrubbed_at IS NULL;

-- Statistics are made of values of the column: none are gathered, and those that were are thrown away.
ALTER TABLE keys.data_key ALTER COLUMN wrapped SET STATISTICS 0;
SELECT pg_clear_attribute_stats(
    schemaname => 'keys', relname => 'data_key', attname => 'wrapped', inherited => false
);

-- As before; and a key that is destroyed anew, after a backup brought it back, is to be scrubbed anew.
CREATE OR REPLACE FUNCTION keys.guard() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP IN ('DELETE', 'TRUNCATE') THEN
        RAISE EXCEPTION 'keys.data_key: % is refused', TG_OP
            USING ERRCODE = 'insufficient_privilege', HINT = 'Destroy a key; its row stays.';
    END IF;
    IF NEW.stream <> OLD.stream OR OLD.destroyed_at IS NOT NULL AND (
        NEW.wrapped IS NOT NULL OR NEW.kek_id <> OLD.kek_id
        OR NEW.created_at <> OLD.created_at OR NEW.destroyed_at IS DISTINCT FROM OLD.destroyed_at
    ) THEN
        RAISE EXCEPTION 'keys.data_key: what was destroyed stays so'
            USING ERRCODE = 'insufficient_privilege', HINT = 'A stream whose key was destroyed gets no other.';
    END IF;
    IF NEW.destroyed_at IS NOT NULL AND OLD.destroyed_at IS NULL THEN
        NEW.rewritten_lsn := NULL;
        NEW.scrubbed_at := NULL;
        PERFORM pg_notify('caseledger_destroyed', NEW.stream);
    END IF;
    RETURN NEW;
END
$$;

-- Write the table anew, without what was destroyed. Says whether nothing of it is left there: an older transaction
-- of anybody's, if it is still open, may read the former rows, and keeps them.
--
-- Raises lock_not_available while somebody else reads the table, such as a backup: then nothing was done.
CREATE FUNCTION keys.rewrite() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '3s'
AS $$
DECLARE
    rows bigint;
    versions bigint;
BEGIN
    LOCK TABLE keys.data_key IN ACCESS EXCLUSIVE MODE;
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

-- Go on in the next file of the log. A file that is begun and not full is filled with zeros.
CREATE FUNCTION keys.end_log_file() RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT pg_logical_emit_message(false, 'caseledger', ''); -- else one that is empty would not be ended
    SELECT pg_switch_wal();
$$;

-- The number of the file of the log that is written to now.
CREATE FUNCTION keys.log_file() RETURNS text
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT substr(pg_walfile_name(pg_current_wal_insert_lsn()), 9);
$$;

-- The number of each file of the log that is there, in hexadecimal digits: those used, in use, and to be used.
CREATE FUNCTION keys.log_files() RETURNS SETOF text
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT substr(name, 9, 16) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}(\.partial)?$';
$$;

-- Have Postgres give up the files of the log from before the table was written anew, and write over those that it
-- keeps to use again: they hold what they held. Then what was destroyed is scrubbed, at `now`. Says how it went:
--   done      nothing is left
--   busy      another process is at it
--   kept      a replica, an archive or a setting keeps files from before; ask again once it does not
--   too_many  there are more than 64 files to write over
--
-- Raises insufficient_privilege where its owner may not do this (deploy/postgres/roles.sql).
CREATE FUNCTION keys.renew_log(now timestamptz) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    covered pg_lsn;
    reached text; -- the last file that may hold any of it
    last text;
    ahead bigint;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('caseledger keys.renew_log', 0)) THEN
        RETURN 'busy';
    END IF;
    SELECT max(rewritten_lsn) INTO covered FROM keys.data_key
    WHERE destroyed_at IS NOT NULL AND scrubbed_at IS NULL;
    IF covered IS NULL THEN
        RETURN 'done';
    END IF;
    -- Rows that were dumped from another server bring a place in a log that this one may not have come to.
    reached := substr(pg_walfile_name(least(covered, pg_current_wal_insert_lsn())), 9);
    IF EXISTS (SELECT FROM keys.log_files() AS file WHERE file <= reached) THEN
        PERFORM keys.end_log_file();
        CHECKPOINT;
        IF EXISTS (SELECT FROM keys.log_files() AS file WHERE file <= reached) THEN
            RETURN 'kept';
        END IF;
    END IF;
    SELECT max(file), count(*) FILTER (WHERE file >= keys.log_file()) INTO last, ahead FROM keys.log_files() AS file;
    IF ahead > 64 THEN
        RETURN 'too_many';
    END IF;
    WHILE keys.log_file() <= last LOOP
        PERFORM keys.end_log_file();
    END LOOP;
    UPDATE keys.data_key SET scrubbed_at = now
    WHERE destroyed_at IS NOT NULL AND scrubbed_at IS NULL AND rewritten_lsn <= covered;
    RETURN 'done';
END
$$;

REVOKE ALL ON FUNCTION keys.rewrite(), keys.end_log_file(), keys.log_file(), keys.log_files(),
    keys.renew_log(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION keys.rewrite(), keys.renew_log(timestamptz) TO caseledger_ledger;
REVOKE INSERT ON keys.data_key FROM caseledger_ledger;
GRANT INSERT (stream, wrapped, kek_id, destroyed_at) ON keys.data_key TO caseledger_ledger;
