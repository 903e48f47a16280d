-- Delete rows of deadline, each named by its case and its id there.
--   $1 generation   $2 case ids text[]   $3 ids of deadlines text[], one for each case id
DELETE FROM projector.deadline USING unnest($2::text[], $3::text[]) AS gone (case_id, deadline_id)
WHERE deadline.generation = $1 AND deadline.case_id = gone.case_id AND deadline.deadline_id = gone.deadline_id;
