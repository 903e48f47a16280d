-- Append the requests of one group commit that were decided by what the office had said at a version of it.
--   office_version  the version of the office's stream that they were decided on; NULL asks for none
-- The other arguments and the answers are append_many's. Where the office has moved on, every request is
-- answered `conflict`, its caseversion null, and nothing is appended: each is to be decided again.
CREATE FUNCTION ledger.append_many_as_of(
    office_version bigint,
    requests       integer[],
    cases          text[],
    versions       bigint[],
    sources        text[],
    ids            text[],
    types          text[],
    occurred       timestamptz[],
    recorded       timestamptz,
    contents       bytea[],
    documents      bytea[]
) RETURNS TABLE (
    request       integer,
    outcome       text,
    "position"    bigint,
    caseversion   bigint,
    stored        text[],
    reused        text[]
)
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $$
#variable_conflict use_column
BEGIN
    -- append_many's lock, taken before the office is looked at: nobody adds to it until this is committed.
    PERFORM FROM ledger.head FOR UPDATE;
    IF office_version <> coalesce((
        SELECT e.case_version FROM ledger.event e
        WHERE e.case_id = 'office' ORDER BY e.case_version DESC LIMIT 1), 0)
    THEN
        RETURN QUERY
            SELECT DISTINCT i.request, 'conflict', NULL::bigint, NULL::bigint, NULL::text[], NULL::text[]
            FROM unnest(requests) AS i (request) ORDER BY i.request;
        RETURN;
    END IF;
    RETURN QUERY
        SELECT a.request, a.outcome, a.position, a.caseversion, a.stored, a.reused
        FROM ledger.append_many(requests, cases, versions, sources, ids, types, occurred, recorded, contents,
                                documents) AS a;
END
$$;

REVOKE ALL ON FUNCTION ledger.append_many_as_of FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.append_many_as_of TO caseledger_ledger;
