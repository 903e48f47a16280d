-- The objects of a case, list by list: plans, looked-after periods, placements, reviews, conferences, assessments,
-- enquiries, allegations, private fostering arrangements, and the entries of the curated chronology.
-- For chronologies, the day on which an event happened by its own account, and of which family a case's child is.

-- `position` is that of the first event that tells of the object; `item` is all that is answered of it.
CREATE TABLE projector.listed (
    generation integer NOT NULL,
    case_id    text    COLLATE "C" NOT NULL,
    position   bigint  NOT NULL,
    list       text    COLLATE "C" NOT NULL,
    object_id  text    COLLATE "C" NOT NULL,
    state      text    COLLATE "C" NOT NULL,
    began_on   date,
    over_on    date,
    item       json    NOT NULL,
    PRIMARY KEY (generation, case_id, position)
);

CREATE INDEX listed_in_order ON projector.listed (generation, list, position);
CREATE INDEX listed_by_state ON projector.listed (generation, list, state, position);

ALTER TABLE projector.timeline ADD COLUMN happened_on date;
UPDATE projector.timeline SET happened_on = (time AT TIME ZONE 'Europe/London')::date;
ALTER TABLE projector.timeline ALTER COLUMN happened_on SET NOT NULL;

ALTER TABLE projector.case_status ADD COLUMN family_id text COLLATE "C";

CREATE INDEX case_status_of_family ON projector.case_status (generation, family_id, case_id)
    WHERE family_id IS NOT NULL;

REVOKE ALL ON projector.listed FROM PUBLIC;
GRANT SELECT, INSERT, DELETE ON projector.listed TO caseledger_projector;

-- What was computed before holds none of this: as with deadlines, a new generation is filled from the ledger.
DO $$
BEGIN
    UPDATE projector.generation SET state = 'RETIRED' WHERE state = 'LIVE' AND position > 0;
    IF FOUND THEN
        INSERT INTO projector.generation (state) VALUES ('LIVE');
    END IF;
END
$$;
