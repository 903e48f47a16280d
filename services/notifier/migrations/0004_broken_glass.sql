-- Restricted cases: which they are, so that nobody without a grant is shown one, and whose glass was broken, so that
-- the data protection lead is told.

-- The documents that restrict a case, lift it, or open it.
CREATE TABLE notifier.restriction (
    position bigint PRIMARY KEY,
    case_id  text COLLATE "C" NOT NULL,
    document text COLLATE "C" NOT NULL
);

-- What is said of one breaking of glass, as JSON: every attempt to send it says the same, and not whose case it is.
CREATE TABLE notifier.breaking (
    notification_id text COLLATE "C" PRIMARY KEY,
    content         text COLLATE "C" NOT NULL
);

REVOKE ALL ON notifier.restriction, notifier.breaking FROM PUBLIC;
GRANT SELECT, INSERT ON notifier.restriction, notifier.breaking TO caseledger_notifier;
