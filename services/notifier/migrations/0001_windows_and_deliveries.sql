-- What the notifier keeps: the documents about alerts, when to look at each alert again, and what became of
-- each message. All of it is made again from the ledger by a notifier that starts with nothing.

DO $$
BEGIN
    -- Roles belong to the whole cluster: an operator may have made this one, and then no right to make roles is
    -- needed here; or another database of the cluster may be making it just now.
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'caseledger_notifier') THEN
        CREATE ROLE caseledger_notifier LOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;

CREATE SCHEMA IF NOT EXISTS notifier;

-- One row: the last position whose documents are accounted for in the other tables.
CREATE TABLE notifier.checkpoint (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    position bigint  NOT NULL CHECK (position >= 0)
) WITH (fillfactor = 10);

INSERT INTO notifier.checkpoint (position) VALUES (0);

-- The documents that an alert, or the office, is folded from; nothing else about any case.
CREATE TABLE notifier.history (
    position bigint PRIMARY KEY CHECK (position > 0),
    case_id  text   COLLATE "C" NOT NULL,
    document text   COLLATE "C" NOT NULL
);

CREATE INDEX history_by_case ON notifier.history (case_id, position);

-- One row an alert. What is due, and nothing else, is found by `next_at`.
CREATE TABLE notifier.window (
    case_id   text        COLLATE "C" NOT NULL,
    alert_id  text        COLLATE "C" NOT NULL,
    state     text        COLLATE "C",
    rung      text        COLLATE "C",
    raised_by text        COLLATE "C",
    due_on    date,
    is_open   boolean     NOT NULL DEFAULT true,
    next_at   timestamptz,
    tries     integer     NOT NULL DEFAULT 0 CHECK (tries >= 0),
    parked    text        COLLATE "C",
    PRIMARY KEY (case_id, alert_id)
);

COMMENT ON COLUMN notifier.window.next_at IS 'When to look at the alert again; null: not before it has an event';
COMMENT ON COLUMN notifier.window.tries IS 'How often its due events were posted without having come back';
COMMENT ON COLUMN notifier.window.parked IS 'Why nothing can be said of the alert, such as BeyondCalendar';

CREATE INDEX window_next_at ON notifier.window (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX window_by_rung ON notifier.window (rung) WHERE is_open;
CREATE INDEX window_by_raiser ON notifier.window (raised_by) WHERE is_open;
CREATE INDEX window_by_due_date
    ON notifier.window ((coalesce(due_on, '-infinity'::date)), case_id, alert_id) WHERE is_open;
CREATE INDEX window_in_trouble ON notifier.window (case_id, alert_id) WHERE tries > 0 OR parked IS NOT NULL;

-- One message on one channel. No address: that is looked up among the holder's channels when it is sent.
CREATE TABLE notifier.delivery (
    notification_id text        COLLATE "C" NOT NULL,
    channel         text        COLLATE "C" NOT NULL,
    case_id         text        COLLATE "C" NOT NULL,
    alert_id        text        COLLATE "C" NOT NULL,
    kind            text        COLLATE "C" NOT NULL,
    rung            text        COLLATE "C",
    holder          text        COLLATE "C" NOT NULL,
    state           text        COLLATE "C" NOT NULL DEFAULT 'PENDING',
    attempts        integer     NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    since           timestamptz NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    claimed_until   timestamptz,
    last_error      text        COLLATE "C",
    PRIMARY KEY (notification_id, channel),
    CONSTRAINT known_state CHECK (state IN ('PENDING', 'SENT', 'DEAD', 'OVERTAKEN'))
);

COMMENT ON COLUMN notifier.delivery.claimed_until IS 'While a notifier is sending it; a crash leaves it to lapse';

CREATE INDEX delivery_due ON notifier.delivery (next_attempt_at) WHERE state = 'PENDING';
CREATE INDEX delivery_waiting ON notifier.delivery (case_id, alert_id) WHERE state = 'PENDING';
CREATE INDEX delivery_dead ON notifier.delivery (since) WHERE state = 'DEAD';
CREATE INDEX delivery_claimed ON notifier.delivery (claimed_until) WHERE claimed_until IS NOT NULL;
CREATE INDEX delivery_newest ON notifier.delivery (since DESC, notification_id DESC, channel DESC);
CREATE INDEX delivery_newest_in_state ON notifier.delivery (state, since DESC, notification_id DESC, channel DESC);

REVOKE ALL ON notifier.checkpoint, notifier.history, notifier.window, notifier.delivery FROM PUBLIC;
GRANT USAGE ON SCHEMA notifier TO caseledger_notifier;
GRANT SELECT, UPDATE ON notifier.checkpoint TO caseledger_notifier;
GRANT SELECT, INSERT ON notifier.history TO caseledger_notifier;
GRANT SELECT, INSERT, UPDATE ON notifier.window, notifier.delivery TO caseledger_notifier;
