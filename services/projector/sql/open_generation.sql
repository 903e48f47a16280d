-- Begin the next generation. Returns its number.
INSERT INTO projector.generation (state) VALUES ('BUILDING') RETURNING number;
