-- The digests of what is due: when the next ones are, and what those of each morning say.

-- One row. `done_on` is the London date of the last morning that was seen to. `touches` counts what happened
-- that may bring the next one forward, so that nobody who looked before it settles what comes after.
CREATE TABLE notifier.morning (
    one     boolean PRIMARY KEY DEFAULT true CHECK (one),
    done_on date,
    next_at timestamptz,
    touches bigint  NOT NULL DEFAULT 0
) WITH (fillfactor = 10);

COMMENT ON COLUMN notifier.morning.next_at IS 'When to look again; null: not before somebody is appointed';

INSERT INTO notifier.morning DEFAULT VALUES;

-- What a digest says, as JSON: every attempt to send it says the same.
CREATE TABLE notifier.digest (
    notification_id text COLLATE "C" PRIMARY KEY,
    day             date NOT NULL,
    content         text COLLATE "C" NOT NULL
);

CREATE INDEX delivery_waiting_digest ON notifier.delivery (notification_id)
    WHERE kind = 'DIGEST' AND state = 'PENDING';

REVOKE ALL ON notifier.morning, notifier.digest FROM PUBLIC;
GRANT SELECT, UPDATE ON notifier.morning TO caseledger_notifier;
GRANT SELECT, INSERT ON notifier.digest TO caseledger_notifier;
