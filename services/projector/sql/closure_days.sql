-- The authority's own closure days that a generation's deadlines are counted with.
--   $1 generation
SELECT closure_days FROM projector.generation WHERE number = $1;
