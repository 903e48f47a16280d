-- What keeps a case from being erased: one row for each rule, with the day from which its years count.
-- Null where nobody knows that day: then the case is kept.

CREATE TABLE projector.claim (
    generation integer NOT NULL,
    case_id    text    COLLATE "C" NOT NULL,
    rule       text    COLLATE "C" NOT NULL,
    start_on   date,
    holds      text[]  NOT NULL,
    PRIMARY KEY (generation, case_id, rule)
);

REVOKE ALL ON projector.claim FROM PUBLIC;
GRANT SELECT, INSERT, DELETE ON projector.claim TO caseledger_projector;

-- What was computed before holds none of this: as with deadlines, a new generation is filled from the ledger.
DO $$
BEGIN
    UPDATE projector.generation SET state = 'RETIRED' WHERE state = 'LIVE' AND position > 0;
    IF FOUND THEN
        INSERT INTO projector.generation (state) VALUES ('LIVE');
    END IF;
END
$$;
