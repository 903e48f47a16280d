-- What others say of the checkpoints, and who was told. Nothing of it is needed to append or to seal.

CREATE TABLE ledger.cosignature (
    size        bigint      NOT NULL CHECK (size > 0),
    witness     text        COLLATE "C" NOT NULL,
    line        text        COLLATE "C" NOT NULL,
    cosigned_at timestamptz NOT NULL,
    PRIMARY KEY (size, witness)
);
CREATE INDEX cosignature_by_witness ON ledger.cosignature (witness, size);

COMMENT ON COLUMN ledger.cosignature.witness IS 'The name and the id of its key, <name>+<8 hex digits>';
COMMENT ON COLUMN ledger.cosignature.line IS 'The signature line, with its newline (C2SP tlog-cosignature)';

CREATE TABLE ledger.time_stamp (
    size     bigint      PRIMARY KEY CHECK (size > 0),
    asked_at timestamptz NOT NULL,
    time     timestamptz NOT NULL,
    reply    bytea       NOT NULL
);

COMMENT ON COLUMN ledger.time_stamp.time IS 'What the authority says; asked_at is by the ledger''s clock';
COMMENT ON COLUMN ledger.time_stamp.reply IS 'The TimeStampResp of RFC 3161, in DER';

CREATE TABLE ledger.auditors_mail (
    day        date        PRIMARY KEY,
    size       bigint      NOT NULL CHECK (size > 0),
    note       text        COLLATE "C" NOT NULL,
    claimed_at timestamptz,
    sent_at    timestamptz
);

COMMENT ON TABLE ledger.auditors_mail IS 'The checkpoint of each London day that auditors are sent, once';

CREATE TRIGGER cosignature_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.cosignature
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER time_stamp_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.time_stamp
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER auditors_mail_stays BEFORE DELETE OR TRUNCATE ON ledger.auditors_mail
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

-- ALWAYS, as for the events.
ALTER TABLE ledger.cosignature ENABLE ALWAYS TRIGGER cosignature_is_append_only;
ALTER TABLE ledger.time_stamp ENABLE ALWAYS TRIGGER time_stamp_is_append_only;
ALTER TABLE ledger.auditors_mail ENABLE ALWAYS TRIGGER auditors_mail_stays;

REVOKE ALL ON ledger.cosignature, ledger.time_stamp, ledger.auditors_mail FROM PUBLIC;
GRANT SELECT, INSERT ON ledger.cosignature, ledger.time_stamp, ledger.auditors_mail TO caseledger_ledger;
GRANT UPDATE (claimed_at, sent_at) ON ledger.auditors_mail TO caseledger_ledger;
