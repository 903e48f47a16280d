-- Of how many destroyed keys something may still stand on the disk: in the keys' table, or in the log only; whether
-- the server left a file of wrapped keys that belongs to no table. Who owns the function that renews the log, and
-- whether that role may do all that it takes.
SELECT count(*) FILTER (WHERE rewritten_lsn IS NULL) AS in_table,
       count(*) FILTER (WHERE rewritten_lsn IS NOT NULL) AS in_log,
       keys.orphaned_at() IS NOT NULL AS orphan,
       (SELECT pg_get_userbyid(proowner) FROM pg_proc WHERE oid = 'keys.renew_log(timestamptz)'::regprocedure)
           AS owner,
       (SELECT has_function_privilege(proowner, 'pg_catalog.pg_switch_wal()', 'EXECUTE')
               AND has_function_privilege(proowner, 'pg_catalog.pg_ls_waldir()', 'EXECUTE')
               AND pg_has_role(proowner, 'pg_checkpoint', 'USAGE')
        FROM pg_proc WHERE oid = 'keys.renew_log(timestamptz)'::regprocedure) AS may_renew_log
FROM keys.data_key WHERE destroyed_at IS NOT NULL AND scrubbed_at IS NULL;
