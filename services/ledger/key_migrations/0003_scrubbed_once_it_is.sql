-- A key is scrubbed at the end of `keys.renew_log`, which may take minutes, and not at its beginning.

-- Have Postgres give up the files of the log from before the table was written anew, and write over those that it
-- keeps to use again: they hold what they held. Then what was destroyed is scrubbed. `now` is when it is
-- called, by the caller's clock. Says how it went:
--   done      nothing is left
--   busy      another process is at it
--   kept      a replica, an archive or a setting keeps files from before; ask again once it does not
--   too_many  there are more than 64 files to write over
--
-- Raises insufficient_privilege where its owner may not do this (deploy/postgres/roles.sql).
CREATE OR REPLACE FUNCTION keys.renew_log(now timestamptz) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    covered pg_lsn;
    reached text; -- the last file that may hold any of it
    last text;
    ahead bigint;
    done timestamptz;
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
    done := now + (clock_timestamp() - statement_timestamp());
    UPDATE keys.data_key SET scrubbed_at = done
    WHERE destroyed_at IS NOT NULL AND scrubbed_at IS NULL AND rewritten_lsn <= covered;
    RETURN 'done';
END
$$;
