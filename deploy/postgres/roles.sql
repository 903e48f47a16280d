-- The roles of a production database: run it once, as a superuser, in the database that caseledger is to have.
-- Running it again changes nothing. Passwords are given apart (passwords.sh), so that none stands in a file.
--
--   caseledger_owner      owns the three schemas and runs `caseledger migrate`; no service has its password
--   caseledger_ledger     appends through ledger.append_many and reads; may not update or delete an event
--   caseledger_projector  owns the rows of the read models
--   caseledger_reader     what the projector answers with: reads what is not hidden from who asks; no login
--   caseledger_notifier   owns the rows of windows and deliveries
--
-- What each may do inside the schemas is granted by the migrations, beside the tables.

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY
        ARRAY['caseledger_owner', 'caseledger_ledger', 'caseledger_projector', 'caseledger_notifier']
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I', name);
        END IF;
        EXECUTE format('ALTER ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', name);
    END LOOP;

    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'caseledger_reader') THEN
        CREATE ROLE caseledger_reader;
    END IF;
    ALTER ROLE caseledger_reader NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
    GRANT caseledger_reader TO caseledger_projector;

    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT, CREATE ON DATABASE %I TO caseledger_owner', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO caseledger_ledger, caseledger_projector, caseledger_notifier',
                   current_database());
END
$$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;

-- So that nothing of an erased case's key stays in the write-ahead log: the owner's function keys.renew_log, which
-- is all that the ledger may call, ends a file of the log, makes a checkpoint, and looks which files are left.
GRANT EXECUTE ON FUNCTION pg_switch_wal(), pg_ls_waldir() TO caseledger_owner;
GRANT pg_checkpoint TO caseledger_owner;

-- A wrapped key is a parameter of the ledger's statements: whatever the server logs of these, it logs none.
ALTER ROLE caseledger_ledger SET log_parameter_max_length = 0;
ALTER ROLE caseledger_ledger SET log_parameter_max_length_on_error = 0;

-- A 201 says that the event is on disk: whatever the server's default is, these commits wait for it.
ALTER ROLE caseledger_ledger SET synchronous_commit = 'on';
