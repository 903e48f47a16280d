-- Append the requests of one group commit: one call, one transaction, one lock.
--   An event is one place in each array; a request is a run of equal numbers in `requests`, ascending,
--   and holds the events of one case. `documents` arrive without their position, as '{"specversion":…'.
--   `versions` are those the documents name; `contents` the hashes of what was submitted.
-- Answers one row a request, in order:
--   appended   position and caseversion of its first event; the rest follow densely
--   duplicate  every id is known with the same content: `stored` holds the original documents
--   reused     an id is known with other content, or only some of its ids are known, or it has one twice:
--              `reused` names them
--   conflict   its versions do not go on from where the case is: caseversion is the current one
-- One request never fails another; a request sees those before it in the call.
-- Fails as a whole only when the ledger has no head row (P0002) or a value is not one of its column's.
CREATE FUNCTION ledger.append_many(
    requests  integer[],
    cases     text[],
    versions  bigint[],
    sources   text[],
    ids       text[],
    types     text[],
    occurred  timestamptz[],
    recorded  timestamptz,
    contents  bytea[],
    documents bytea[]
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
-- Probes by index whatever the statistics say: the table may have grown a thousandfold since they were made.
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET enable_bitmapscan = off
SET jit = off
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    last_position bigint;
    one           integer;
    lower_bound   integer := 1;
    upper_bound   integer;
    event_count   constant integer := cardinality(ids);
    current       bigint;
    size          integer;
    known         bigint;
    same          bigint;
    twice         text[];
BEGIN
    -- The only lock. It is held until the commit is on disk, so positions become visible in order.
    SELECT h.position INTO STRICT last_position FROM ledger.head h FOR UPDATE;

    IF NOT EXISTS (
        SELECT FROM unnest(sources, ids) AS i (source, id)
        JOIN ledger.event e ON e.source = i.source AND e.event_id = i.id
    ) AND (
        SELECT count(*) FROM (SELECT DISTINCT i.source, i.id FROM unnest(sources, ids) AS i (source, id)) d
    ) = event_count AND NOT EXISTS (
        SELECT FROM (
            SELECT i.case_id, i.version,
                   row_number() OVER (PARTITION BY i.case_id ORDER BY i.nth) AS nth_of_case,
                   min(i.version) OVER (PARTITION BY i.case_id) AS first_of_case
            FROM unnest(cases, versions) WITH ORDINALITY AS i (case_id, version, nth)
        ) i
        WHERE i.version <> i.first_of_case + i.nth_of_case - 1
           OR i.nth_of_case = 1 AND i.version <> 1 + coalesce((
                SELECT e.case_version FROM ledger.event e
                WHERE e.case_id = i.case_id ORDER BY e.case_version DESC LIMIT 1), 0)
    ) THEN
        -- Everything is new and nothing conflicts: one statement for all.
        PERFORM ledger.insert_events(last_position, recorded, cases, versions, sources, ids, types, occurred,
                                     contents, documents);
        UPDATE ledger.head SET position = last_position + event_count;
        RETURN QUERY
            SELECT i.request, 'appended', last_position + min(i.nth), min(i.version), NULL::text[], NULL::text[]
            FROM unnest(requests, versions) WITH ORDINALITY AS i (request, version, nth)
            GROUP BY i.request ORDER BY i.request;
        RETURN;
    END IF;

    -- Something is known or has moved on: each request for itself, in order.
    WHILE lower_bound <= event_count LOOP
        one := requests[lower_bound];
        upper_bound := lower_bound;
        WHILE upper_bound < event_count AND requests[upper_bound + 1] = one LOOP
            upper_bound := upper_bound + 1;
        END LOOP;

        size := upper_bound - lower_bound + 1;

        SELECT count(*), count(*) FILTER (WHERE e.content = i.content AND e.case_id = i.case_id)
        INTO known, same
        FROM unnest(sources[lower_bound:upper_bound], ids[lower_bound:upper_bound],
                    contents[lower_bound:upper_bound], cases[lower_bound:upper_bound])
             AS i (source, id, content, case_id)
        JOIN ledger.event e ON e.source = i.source AND e.event_id = i.id;
        SELECT array_agg(d.id) INTO twice FROM (
            SELECT i.id FROM unnest(sources[lower_bound:upper_bound], ids[lower_bound:upper_bound]) AS i (source, id)
            GROUP BY i.source, i.id HAVING count(*) > 1) d;

        IF twice IS NOT NULL THEN
            RETURN QUERY SELECT one, 'reused', NULL::bigint, NULL::bigint, NULL::text[], twice;
        ELSIF known = same AND known = size THEN
            RETURN QUERY
                SELECT one, 'duplicate', NULL::bigint, NULL::bigint, array_agg(e.document ORDER BY i.nth),
                       NULL::text[]
                FROM unnest(sources[lower_bound:upper_bound], ids[lower_bound:upper_bound])
                     WITH ORDINALITY AS i (source, id, nth)
                JOIN ledger.event e ON e.source = i.source AND e.event_id = i.id;
        ELSIF known > 0 THEN
            RETURN QUERY
                SELECT one, 'reused', NULL::bigint, NULL::bigint, NULL::text[], array_agg(i.id ORDER BY i.nth)
                FROM unnest(sources[lower_bound:upper_bound], ids[lower_bound:upper_bound])
                     WITH ORDINALITY AS i (source, id, nth)
                JOIN ledger.event e ON e.source = i.source AND e.event_id = i.id;
        ELSE
            current := coalesce((
                SELECT e.case_version FROM ledger.event e
                WHERE e.case_id = cases[lower_bound] ORDER BY e.case_version DESC LIMIT 1), 0);
            IF EXISTS (
                SELECT FROM unnest(cases[lower_bound:upper_bound], versions[lower_bound:upper_bound])
                            WITH ORDINALITY AS i (case_id, version, nth)
                WHERE i.case_id <> cases[lower_bound] OR i.version <> current + i.nth
            ) THEN
                RETURN QUERY SELECT one, 'conflict', NULL::bigint, current, NULL::text[], NULL::text[];
            ELSE
                PERFORM ledger.insert_events(
                    last_position, recorded,
                    cases[lower_bound:upper_bound], versions[lower_bound:upper_bound],
                    sources[lower_bound:upper_bound], ids[lower_bound:upper_bound],
                    types[lower_bound:upper_bound], occurred[lower_bound:upper_bound],
                    contents[lower_bound:upper_bound], documents[lower_bound:upper_bound]);
                RETURN QUERY SELECT one, 'appended', last_position + 1, current + 1, NULL::text[], NULL::text[];
                last_position := last_position + size;
            END IF;
        END IF;
        lower_bound := upper_bound + 1;
    END LOOP;
    UPDATE ledger.head SET position = last_position;
END
$$;

REVOKE ALL ON FUNCTION ledger.append_many FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.append_many TO caseledger_ledger;
