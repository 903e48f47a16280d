-- The live generation and its checkpoint. One row, unless the schema is not there or not whole.
SELECT number, position, recorded_at FROM projector.generation WHERE state = 'LIVE';
