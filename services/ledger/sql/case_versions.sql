-- The current versions of some cases, in the order asked; 0 for a case of which nothing is recorded.
--   $1 case ids text[]
SELECT coalesce((
    SELECT event.case_version FROM ledger.event
    WHERE event.case_id = asked.case_id ORDER BY event.case_version DESC LIMIT 1), 0) AS case_version
FROM unnest($1::text[]) WITH ORDINALITY AS asked (case_id, nth) ORDER BY asked.nth;
