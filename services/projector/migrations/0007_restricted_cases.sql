-- Restricted cases: who sees what, kept by the database, so that no statement that answers can forget it.
-- Whoever answers reads as the role caseledger_reader, which may read the views of projector_seen and none of the
-- tables behind them. Who asks, and when, the connection says beforehand: ask_as.sql. Unsaid, nobody asks.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'caseledger_reader') THEN
        CREATE ROLE caseledger_reader NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;

DO $$
BEGIN
    -- Two databases of a cluster may be migrated at once: one of them finds it done.
    IF NOT pg_has_role('caseledger_projector', 'caseledger_reader', 'MEMBER') THEN
        GRANT caseledger_reader TO caseledger_projector;
    END IF;
EXCEPTION
    WHEN unique_violation OR internal_error THEN NULL;
END
$$;

-- One row for each case that is restricted. `open_to` broke its glass, each until the instant beside it.
CREATE TABLE projector.restricted (
    generation integer       NOT NULL,
    case_id    text          COLLATE "C" NOT NULL,
    position   bigint        NOT NULL,
    allowed    text[]        COLLATE "C" NOT NULL,
    denied     text[]        COLLATE "C" NOT NULL,
    open_to    text[]        COLLATE "C" NOT NULL,
    open_until timestamptz[] NOT NULL,
    PRIMARY KEY (generation, case_id)
);

REVOKE ALL ON projector.restricted FROM PUBLIC;
GRANT SELECT, INSERT, DELETE ON projector.restricted TO caseledger_projector;

-- The cases, and their access logs, that do not exist for whom the connection asks.
-- services/domain/restriction.py says the same of one case. A live generation that is being filled anew has not come
-- to every restriction yet: until it has, those of the one before it hide.
CREATE FUNCTION projector.hidden_cases() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
BEGIN ATOMIC
    SELECT hidden.stream
    FROM projector.generation AS live
    JOIN projector.generation AS other
        ON other.number = live.number OR (other.state = 'RETIRED' AND other.position > live.position)
    JOIN projector.restricted ON restricted.generation = other.number
    CROSS JOIN LATERAL (VALUES (restricted.case_id), ('access~' || restricted.case_id)) AS hidden (stream)
    CROSS JOIN (SELECT coalesce(current_setting('caseledger.reader', true), '') AS who) AS reader
    WHERE live.state = 'LIVE' AND coalesce(current_setting('caseledger.sees_all', true), '') <> 'on'
      AND (reader.who = ANY (restricted.denied) OR NOT (
          reader.who = ANY (restricted.allowed) OR EXISTS (
              SELECT FROM unnest(restricted.open_to, restricted.open_until) AS opening (who, until)
              WHERE opening.who = reader.who
                AND opening.until > nullif(current_setting('caseledger.now', true), '')::timestamptz
          )
      ));
END;

REVOKE ALL ON FUNCTION projector.hidden_cases() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION projector.hidden_cases() TO caseledger_reader;

CREATE SCHEMA IF NOT EXISTS projector_seen;

CREATE VIEW projector_seen.history AS
    SELECT * FROM projector.history WHERE case_id NOT IN (SELECT projector.hidden_cases());
CREATE VIEW projector_seen.parked AS
    SELECT * FROM projector.parked WHERE case_id NOT IN (SELECT projector.hidden_cases());
CREATE VIEW projector_seen.case_status AS
    SELECT * FROM projector.case_status WHERE case_id NOT IN (SELECT projector.hidden_cases());
CREATE VIEW projector_seen.timeline AS
    SELECT * FROM projector.timeline WHERE case_id NOT IN (SELECT projector.hidden_cases());
CREATE VIEW projector_seen.alert AS
    SELECT * FROM projector.alert WHERE case_id NOT IN (SELECT projector.hidden_cases());
CREATE VIEW projector_seen.notification AS
    SELECT * FROM projector.notification WHERE case_id NOT IN (SELECT projector.hidden_cases());
CREATE VIEW projector_seen.listed AS
    SELECT * FROM projector.listed WHERE case_id NOT IN (SELECT projector.hidden_cases());
CREATE VIEW projector_seen.deadline AS
    SELECT * FROM projector.deadline WHERE case_id NOT IN (SELECT projector.hidden_cases());
CREATE VIEW projector_seen.claim AS
    SELECT * FROM projector.claim WHERE case_id NOT IN (SELECT projector.hidden_cases());
CREATE VIEW projector_seen.team_held AS
    SELECT * FROM projector.team_held WHERE case_id NOT IN (SELECT projector.hidden_cases());
CREATE VIEW projector_seen.look AS
    SELECT * FROM projector.look WHERE case_id NOT IN (SELECT projector.hidden_cases());

GRANT USAGE ON SCHEMA projector, projector_seen TO caseledger_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA projector_seen TO caseledger_reader;
GRANT SELECT ON projector.generation TO caseledger_reader;

-- What was computed before holds none of this: as with deadlines, a new generation is filled from the ledger.
DO $$
BEGIN
    UPDATE projector.generation SET state = 'RETIRED' WHERE state = 'LIVE' AND position > 0;
    IF FOUND THEN
        INSERT INTO projector.generation (state) VALUES ('LIVE');
    END IF;
END
$$;
