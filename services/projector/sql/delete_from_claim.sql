-- Delete rows of claim, each named by its case and rule.
--   $1 generation   $2 case ids text[]   $3 rules text[], one for each case id
DELETE FROM projector.claim USING unnest($2::text[], $3::text[]) AS gone (case_id, rule)
WHERE claim.generation = $1 AND claim.case_id = gone.case_id AND claim.rule = gone.rule;
