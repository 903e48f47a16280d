-- Of which family a case's child is. Read models of before do not say until they are rebuilt.

ALTER TABLE projector.case_status ADD COLUMN family_id text COLLATE "C";

CREATE INDEX case_status_of_family ON projector.case_status (generation, family_id, case_id)
    WHERE family_id IS NOT NULL;
