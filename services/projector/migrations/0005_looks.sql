-- Who was shown what is sealed of a case, and whose the case was then.

-- `stream` is the access log that a look stands in; `teams` are those that the reader was of.
CREATE TABLE projector.look (
    generation  integer     NOT NULL,
    stream      text        COLLATE "C" NOT NULL,
    position    bigint      NOT NULL,
    case_id     text        COLLATE "C" NOT NULL,
    who         text        COLLATE "C",
    looked_at   timestamptz NOT NULL,
    purpose     text        COLLATE "C" NOT NULL,
    fields      text[]      NOT NULL,
    versions    text        NOT NULL,
    teams       text[]      COLLATE "C" NOT NULL,
    broke_glass boolean     NOT NULL,
    PRIMARY KEY (generation, stream, position)
);

CREATE INDEX look_in_order ON projector.look (generation, position);
CREATE INDEX look_at_case ON projector.look (generation, case_id, position);
CREATE INDEX look_by_whom ON projector.look (generation, who, position);
CREATE INDEX look_within_the_hour ON projector.look (generation, who, looked_at, case_id);

-- From the event at `position` on, the case was known to be this team's; null: nobody's.
CREATE TABLE projector.team_held (
    generation integer NOT NULL,
    case_id    text    COLLATE "C" NOT NULL,
    position   bigint  NOT NULL,
    team       text    COLLATE "C",
    PRIMARY KEY (generation, case_id, position)
);

REVOKE ALL ON projector.look, projector.team_held FROM PUBLIC;
GRANT SELECT, INSERT, DELETE ON projector.look, projector.team_held TO caseledger_projector;

-- What was computed before holds none of this: as with deadlines, a new generation is filled from the ledger.
DO $$
BEGIN
    UPDATE projector.generation SET state = 'RETIRED' WHERE state = 'LIVE' AND position > 0;
    IF FOUND THEN
        INSERT INTO projector.generation (state) VALUES ('LIVE');
    END IF;
END
$$;
