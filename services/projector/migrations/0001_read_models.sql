-- The read models, the histories that they are computed from, and the role that the service runs as.
-- Every row belongs to a generation. One generation is live; a rebuild fills the next one beside it.

DO $$
BEGIN
    -- Roles belong to the whole cluster: an operator may have made this one, and then no right to make roles is
    -- needed here; or another database of the cluster may be making it just now.
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'caseledger_projector') THEN
        CREATE ROLE caseledger_projector LOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;

CREATE SCHEMA IF NOT EXISTS projector;

-- `position` is the checkpoint: everything in the generation accounts for the ledger up to it, and no more.
CREATE TABLE projector.generation (
    number      integer     PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    state       text        NOT NULL CHECK (state IN ('BUILDING', 'LIVE', 'RETIRED')),
    position    bigint      NOT NULL DEFAULT 0 CHECK (position >= 0),
    recorded_at timestamptz
) WITH (fillfactor = 10);

COMMENT ON COLUMN projector.generation.recorded_at IS 'When the event at the checkpoint was recorded';

CREATE UNIQUE INDEX generation_one_is_live ON projector.generation (state) WHERE state = 'LIVE';

CREATE FUNCTION projector.refuse_going_back() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'generation %: the checkpoint cannot go back from % to %', OLD.number, OLD.position, NEW.position
        USING ERRCODE = 'integrity_constraint_violation',
              HINT = 'Build the next generation instead: caseledger projections rebuild';
END
$$;

CREATE TRIGGER generation_never_goes_back BEFORE UPDATE ON projector.generation
    FOR EACH ROW WHEN (NEW.position < OLD.position) EXECUTE FUNCTION projector.refuse_going_back();

INSERT INTO projector.generation (state) VALUES ('LIVE');

CREATE TABLE projector.history (
    generation integer NOT NULL,
    position   bigint  NOT NULL,
    case_id    text    COLLATE "C" NOT NULL,
    document   text    COLLATE "C" NOT NULL,
    PRIMARY KEY (generation, position)
);

CREATE INDEX history_of_case ON projector.history (generation, case_id, position);

CREATE TABLE projector.parked (
    generation integer NOT NULL,
    case_id    text    COLLATE "C" NOT NULL,
    position   bigint  NOT NULL,
    error      text    NOT NULL,
    PRIMARY KEY (generation, case_id)
);

COMMENT ON COLUMN projector.parked.position IS 'The event that could not be taken in: the rows stop before it';

CREATE TABLE projector.case_status (
    generation       integer     NOT NULL,
    case_id          text        COLLATE "C" NOT NULL,
    position         bigint      NOT NULL,
    version          bigint      NOT NULL,
    status           text        COLLATE "C" NOT NULL,
    opened_at        timestamptz,
    last_event_at    timestamptz,
    last_recorded_at timestamptz NOT NULL,
    last_position    bigint      NOT NULL,
    events           bigint      NOT NULL,
    voided_events    bigint      NOT NULL,
    alerts           bigint      NOT NULL,
    open_alerts      bigint      NOT NULL,
    PRIMARY KEY (generation, case_id)
);

CREATE INDEX case_status_by_status ON projector.case_status (generation, status, case_id);

CREATE TABLE projector.timeline (
    generation  integer     NOT NULL,
    case_id     text        COLLATE "C" NOT NULL,
    position    bigint      NOT NULL,
    caseversion bigint      NOT NULL,
    event_id    text        NOT NULL,
    type        text        NOT NULL,
    time        timestamptz NOT NULL,
    recordedat  timestamptz NOT NULL,
    actor       text,
    actorrole   text,
    flags       text[]      NOT NULL,
    alert_id    text,
    voided      boolean     NOT NULL,
    sentence    text        NOT NULL,
    PRIMARY KEY (generation, case_id, position)
);

-- `position` is that of the event that the alert began with; an alert's id is its own only within its case.
CREATE TABLE projector.alert (
    generation       integer     NOT NULL,
    case_id          text        COLLATE "C" NOT NULL,
    position         bigint      NOT NULL,
    alert_id         text        COLLATE "C" NOT NULL,
    state            text        COLLATE "C" NOT NULL,
    open             boolean     NOT NULL,
    rung             text        COLLATE "C",
    day0             date,
    due_on           date,
    cap_on           date,
    cap_reached      boolean     NOT NULL,
    repeat_of        text,
    repeats          text[]      NOT NULL,
    cafcass_open     boolean     NOT NULL,
    acknowledged     boolean     NOT NULL,
    issue_code       text,
    raised_by        text,
    raised_by_role   text,
    raised_at        timestamptz,
    raised_on        date,
    exhausted_on     date,
    resolution       text,
    resolved_on      date,
    resolved_at_rung text,
    closed_at        timestamptz,
    last_position    bigint      NOT NULL,
    steps            json        NOT NULL,
    PRIMARY KEY (generation, case_id, position),
    UNIQUE (generation, alert_id, case_id)
);

CREATE INDEX alert_in_order ON projector.alert (generation, position);
CREATE INDEX alert_open ON projector.alert (generation, position) WHERE open;
CREATE INDEX alert_due ON projector.alert (generation, due_on, position) WHERE open;

-- `position` is that of the first attempt.
CREATE TABLE projector.notification (
    generation      integer     NOT NULL,
    case_id         text        COLLATE "C" NOT NULL,
    position        bigint      NOT NULL,
    alert_id        text        COLLATE "C" NOT NULL,
    notification_id text        COLLATE "C" NOT NULL,
    kind            text        COLLATE "C" NOT NULL,
    rung            text        COLLATE "C",
    holder          text        COLLATE "C",
    channel         text        COLLATE "C",
    state           text        COLLATE "C" NOT NULL,
    attempts        bigint      NOT NULL,
    first_at        timestamptz NOT NULL,
    last_at         timestamptz NOT NULL,
    error           text,
    PRIMARY KEY (generation, case_id, position)
);

CREATE INDEX notification_in_order ON projector.notification (generation, position);
CREATE INDEX notification_of_alert ON projector.notification (generation, alert_id, position);
CREATE INDEX notification_of_holder ON projector.notification (generation, holder, position);
CREATE INDEX notification_failed ON projector.notification (generation, position) WHERE state = 'FAILED';

REVOKE ALL ON ALL TABLES IN SCHEMA projector FROM PUBLIC;
GRANT SELECT ON projector.migration TO PUBLIC;
GRANT USAGE ON SCHEMA projector TO caseledger_projector;
GRANT SELECT, INSERT, UPDATE, DELETE ON projector.generation TO caseledger_projector;
GRANT SELECT, INSERT, DELETE ON projector.history, projector.parked, projector.case_status, projector.timeline,
    projector.alert, projector.notification TO caseledger_projector;
