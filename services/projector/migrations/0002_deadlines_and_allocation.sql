-- Whose case it is, and what is due in it.
-- A row of projector.deadline asks no clock: what it means at a moment is what projector.deadline_state says.

ALTER TABLE projector.generation ADD COLUMN closure_days date[] NOT NULL DEFAULT '{}';

COMMENT ON COLUMN projector.generation.closure_days IS
    'The authority''s own, that all deadlines of the generation were counted with';

ALTER TABLE projector.case_status
    ADD COLUMN team         text COLLATE "C",
    ADD COLUMN worker       text COLLATE "C",
    ADD COLUMN allocated_on date;

CREATE INDEX case_status_by_team ON projector.case_status (generation, team, case_id);
CREATE INDEX case_status_by_worker ON projector.case_status (generation, worker, case_id);
CREATE INDEX case_status_open ON projector.case_status (generation, team, worker)
    WHERE status NOT IN ('UNKNOWN', 'CONTACT_ONLY', 'CLOSED');

-- `board_on` is what lists go by: those that cannot be counted come last.
CREATE TABLE projector.deadline (
    generation  integer     NOT NULL,
    case_id     text        COLLATE "C" NOT NULL,
    deadline_id text        COLLATE "C" NOT NULL,
    rule        text        COLLATE "C" NOT NULL,
    timer       text        COLLATE "C" NOT NULL,
    basis       text        COLLATE "C" NOT NULL,
    unit        text        COLLATE "C" NOT NULL,
    about       text        NOT NULL,
    nth         integer     NOT NULL,
    outcome     text        COLLATE "C" NOT NULL,
    started_on  date        NOT NULL,
    due_on      date,
    soon_on     date,
    warnings    date[]      NOT NULL,
    met_on      date,
    ended_on    date,
    over_at     timestamptz,
    soon_at     timestamptz,
    met_at      timestamptz,
    ended_at    timestamptz,
    team        text        COLLATE "C",
    worker      text        COLLATE "C",
    board_on    date        NOT NULL GENERATED ALWAYS AS (coalesce(due_on, 'infinity'::date)) STORED,
    PRIMARY KEY (generation, case_id, deadline_id)
);

-- What was dropped is in no list, so it is in no index that lists are read by.
CREATE INDEX deadline_in_order ON projector.deadline (generation, outcome, board_on, case_id, deadline_id)
    WHERE outcome <> 'DROPPED';
CREATE INDEX deadline_of_team ON projector.deadline (generation, team, outcome, board_on, case_id, deadline_id)
    WHERE outcome <> 'DROPPED';
CREATE INDEX deadline_of_worker ON projector.deadline (generation, worker, outcome, board_on, case_id, deadline_id)
    WHERE outcome <> 'DROPPED';
CREATE INDEX deadline_that_ends ON projector.deadline (generation, ended_at) WHERE ended_at IS NOT NULL;

-- How a deadline stands at a moment; null if it was dropped by then. services/domain/deadlines.py says the same.
CREATE FUNCTION projector.deadline_state(
    outcome text, ended_at timestamptz, over_at timestamptz, soon_at timestamptz, at timestamptz
) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN outcome IN ('MET', 'MET_LATE', 'UNKNOWN') THEN outcome
    WHEN ended_at <= at THEN CASE outcome WHEN 'LAPSED' THEN outcome END
    WHEN over_at <= at THEN 'OVERDUE'
    WHEN soon_at <= at THEN 'DUE_SOON'
    ELSE 'OPEN'
END;

REVOKE ALL ON projector.deadline FROM PUBLIC;
GRANT SELECT, INSERT, DELETE ON projector.deadline TO caseledger_projector;

-- What was computed before tells of none of this, and a due board that leaves something out is worse than one
-- that is behind: a new generation is filled from the ledger, and the lag says how far it has come.
DO $$
BEGIN
    UPDATE projector.generation SET state = 'RETIRED' WHERE state = 'LIVE' AND position > 0;
    IF FOUND THEN
        INSERT INTO projector.generation (state) VALUES ('LIVE');
    END IF;
END
$$;
