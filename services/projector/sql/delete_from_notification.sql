-- Delete rows of notification, each named by its case and position.
--   $1 generation   $2 case ids text[]   $3 positions bigint[], one for each case id
DELETE FROM projector.notification USING unnest($2::text[], $3::bigint[]) AS gone (case_id, position)
WHERE notification.generation = $1 AND notification.case_id = gone.case_id AND notification.position = gone.position;
