-- The ledger's one table of events, the head that orders them, and the role that the service runs as.
-- What is promised here holds against the service, against its owner and against a mistake at a prompt:
-- positions are dense, an id is used once, a case's versions are dense, and nothing is ever changed.

DO $$
BEGIN
    -- Roles belong to the whole cluster: an operator may have made this one, and then no right to make roles is
    -- needed here; or another database of the cluster may be making it just now.
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'caseledger_ledger') THEN
        CREATE ROLE caseledger_ledger LOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;

CREATE SCHEMA IF NOT EXISTS ledger;

CREATE TABLE ledger.event (
    position     bigint      PRIMARY KEY CHECK (position > 0),
    case_id      text        COLLATE "C" NOT NULL,
    case_version bigint      NOT NULL CHECK (case_version > 0),
    source       text        COLLATE "C" NOT NULL,
    event_id     text        COLLATE "C" NOT NULL,
    type         text        COLLATE "C" NOT NULL,
    occurred_at  timestamptz NOT NULL,
    recorded_at  timestamptz NOT NULL,
    document     text        COLLATE "C" NOT NULL,
    leaf         bytea       NOT NULL,
    content      bytea       NOT NULL,
    UNIQUE (source, event_id),
    UNIQUE (case_id, case_version)
);

COMMENT ON COLUMN ledger.event.document IS 'The bytes that are hashed, published and replayed, as UTF-8';
COMMENT ON COLUMN ledger.event.leaf IS 'SHA256(0x00 || document), the leaf hash of RFC 6962';
COMMENT ON COLUMN ledger.event.content IS 'The hash of what was submitted: tells a repeat from an id used twice';

-- One row. Its lock is the order of the ledger; its value is the last position given.
CREATE TABLE ledger.head (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    position bigint  NOT NULL CHECK (position >= 0)
) WITH (fillfactor = 10);

INSERT INTO ledger.head (position) VALUES (0);

CREATE FUNCTION ledger.refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger.% is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege',
              HINT = 'Correct an event by posting EventVoided; nothing in the ledger is changed.';
END
$$;

CREATE TRIGGER event_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.event
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER head_stays BEFORE DELETE OR TRUNCATE ON ledger.head
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

-- ALWAYS: session_replication_role = replica, a superuser's way round triggers, does not pass these.
ALTER TABLE ledger.event ENABLE ALWAYS TRIGGER event_is_append_only;
ALTER TABLE ledger.head ENABLE ALWAYS TRIGGER head_stays;

REVOKE ALL ON ledger.event, ledger.head FROM PUBLIC;
REVOKE ALL ON FUNCTION ledger.refuse_change() FROM PUBLIC;
GRANT USAGE ON SCHEMA ledger TO caseledger_ledger;
GRANT SELECT ON ledger.event, ledger.head TO caseledger_ledger;
