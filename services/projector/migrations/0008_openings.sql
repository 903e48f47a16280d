-- Who broke the glass of a restricted case, and until when it was open to them: looks are judged by it.

CREATE TABLE projector.opening (
    generation integer     NOT NULL,
    case_id    text        COLLATE "C" NOT NULL,
    position   bigint      NOT NULL,
    who        text        COLLATE "C" NOT NULL,
    until      timestamptz NOT NULL,
    PRIMARY KEY (generation, case_id, position)
);

REVOKE ALL ON projector.opening FROM PUBLIC;
GRANT SELECT, INSERT, DELETE ON projector.opening TO caseledger_projector;

-- A look no longer says of itself that the glass was broken for it.
DROP VIEW projector_seen.look;
ALTER TABLE projector.look DROP COLUMN broke_glass;

CREATE VIEW projector_seen.look AS
    SELECT * FROM projector.look WHERE case_id NOT IN (SELECT projector.hidden_cases());
CREATE VIEW projector_seen.opening AS
    SELECT * FROM projector.opening WHERE case_id NOT IN (SELECT projector.hidden_cases());

GRANT SELECT ON projector_seen.look, projector_seen.opening TO caseledger_reader;

-- What was computed before holds none of this: as with deadlines, a new generation is filled from the ledger.
DO $$
BEGIN
    UPDATE projector.generation SET state = 'RETIRED' WHERE state = 'LIVE' AND position > 0;
    IF FOUND THEN
        INSERT INTO projector.generation (state) VALUES ('LIVE');
    END IF;
END
$$;
