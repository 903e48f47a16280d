-- One wrapped data key a stream. A key that was destroyed leaves its row: the stream never gets another.

DO $$
BEGIN
    -- In a database of its own nothing else has made the role.
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'caseledger_ledger') THEN
        CREATE ROLE caseledger_ledger LOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;

CREATE SCHEMA IF NOT EXISTS keys;

CREATE TABLE keys.data_key (
    stream       text        COLLATE "C" PRIMARY KEY,
    wrapped      bytea,
    kek_id       text        COLLATE "C" NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    destroyed_at timestamptz,
    CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
);

COMMENT ON COLUMN keys.data_key.wrapped IS 'The key under the key-encryption key `kek_id`; null once destroyed';

CREATE INDEX data_key_kek_id_idx ON keys.data_key (kek_id, stream) WHERE destroyed_at IS NULL;

-- Whoever keeps a key in memory is told at once that it is no more.
CREATE FUNCTION keys.guard() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP IN ('DELETE', 'TRUNCATE') THEN
        RAISE EXCEPTION 'keys.data_key: % is refused', TG_OP
            USING ERRCODE = 'insufficient_privilege', HINT = 'Destroy a key; its row stays.';
    END IF;
    IF OLD.destroyed_at IS NOT NULL OR NEW.stream <> OLD.stream THEN
        RAISE EXCEPTION 'keys.data_key: what was destroyed stays so'
            USING ERRCODE = 'insufficient_privilege', HINT = 'A stream whose key was destroyed gets no other.';
    END IF;
    IF NEW.destroyed_at IS NOT NULL THEN
        PERFORM pg_notify('caseledger_destroyed', NEW.stream);
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER data_key_stays BEFORE DELETE OR UPDATE ON keys.data_key
    FOR EACH ROW EXECUTE FUNCTION keys.guard();
CREATE TRIGGER data_keys_stay BEFORE TRUNCATE ON keys.data_key
    FOR EACH STATEMENT EXECUTE FUNCTION keys.guard();
ALTER TABLE keys.data_key ENABLE ALWAYS TRIGGER data_key_stays;
ALTER TABLE keys.data_key ENABLE ALWAYS TRIGGER data_keys_stay;

REVOKE ALL ON keys.data_key FROM PUBLIC;
REVOKE ALL ON FUNCTION keys.guard() FROM PUBLIC;
GRANT USAGE ON SCHEMA keys TO caseledger_ledger;
GRANT SELECT, INSERT ON keys.data_key TO caseledger_ledger;
GRANT UPDATE (wrapped, kek_id, destroyed_at) ON keys.data_key TO caseledger_ledger;
