-- How many data keys are wrapped with which key-encryption key, and how many were destroyed.
SELECT kek_id, destroyed_at IS NOT NULL AS destroyed, count(*) AS count
FROM keys.data_key GROUP BY kek_id, destroyed_at IS NOT NULL ORDER BY destroyed, kek_id;
