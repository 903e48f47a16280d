-- Insert events after a position: splice the position into each document and hash the result.
--   Only ledger.append_many calls it, under the head row's lock and after its checks; nobody is granted it.
-- Fails with a unique violation on what those checks should have caught.
CREATE FUNCTION ledger.insert_events(
    after     bigint,
    recorded  timestamptz,
    cases     text[],
    versions  bigint[],
    sources   text[],
    ids       text[],
    types     text[],
    occurred  timestamptz[],
    contents  bytea[],
    documents bytea[]
) RETURNS void
LANGUAGE plpgsql
VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO ledger.event (position, case_id, case_version, source, event_id, type, occurred_at, recorded_at,
                              document, leaf, content)
    SELECT after + i.nth, i.case_id, i.version, i.source, i.id, i.type, i.occurred_at, recorded,
           convert_from(spliced.document, 'UTF8'), sha256('\x00'::bytea || spliced.document), i.content
    FROM unnest(cases, versions, sources, ids, types, occurred, contents, documents)
         WITH ORDINALITY AS i (case_id, version, source, id, type, occurred_at, content, document, nth)
    CROSS JOIN LATERAL (
        -- OFFSET 0 keeps this one computation; the planner would otherwise write it out twice.
        SELECT convert_to('{"position":' || after + i.nth || ',', 'UTF8') || substring(i.document FROM 2) AS document
        OFFSET 0
    ) AS spliced;
END
$$;

REVOKE ALL ON FUNCTION ledger.insert_events FROM PUBLIC;
