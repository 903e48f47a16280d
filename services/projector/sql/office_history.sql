-- What is recorded of the office's closure days, in its order.
--   $1 generation
-- By far most of what the office's stream has is which digest went to whom: that is left where it is.
SELECT position, document FROM projector.history
WHERE generation = $1 AND case_id = 'office' AND document ~ '"(ClosureDaysSet|EventVoided)"'
ORDER BY position;
