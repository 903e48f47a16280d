-- The Merkle tree over the documents, as tiles, and what was signed of it. Both only grow.
-- The largest checkpoint says how far the tree has come; the tiles are those of just that tree.

CREATE TABLE ledger.tile (
    level  smallint NOT NULL CHECK (level BETWEEN 0 AND 7),
    at     bigint   NOT NULL CHECK (at >= 0),
    hashes bytea    NOT NULL
           CHECK (octet_length(hashes) BETWEEN 32 AND 8192 AND octet_length(hashes) % 32 = 0),
    PRIMARY KEY (level, at)
);

-- Hashes do not compress.
ALTER TABLE ledger.tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

COMMENT ON TABLE ledger.tile IS 'Up to 256 hashes of one level (C2SP tlog-tiles); level 0 holds leaf hashes';

CREATE TABLE ledger.checkpoint (
    size      bigint      PRIMARY KEY CHECK (size > 0),
    root      bytea       NOT NULL CHECK (octet_length(root) = 32),
    signed_at timestamptz NOT NULL,
    note      text        COLLATE "C" NOT NULL
);

COMMENT ON COLUMN ledger.checkpoint.note IS 'The signed note, exactly as it is given out (C2SP tlog-checkpoint)';

CREATE FUNCTION ledger.refuse_other_than_growth() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.level, NEW.at) IS DISTINCT FROM (OLD.level, OLD.at)
       OR substring(NEW.hashes FOR octet_length(OLD.hashes)) IS DISTINCT FROM OLD.hashes THEN
        RAISE EXCEPTION 'ledger.tile only grows: a change of what it holds is refused'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER tile_only_grows BEFORE UPDATE ON ledger.tile
    FOR EACH ROW EXECUTE FUNCTION ledger.refuse_other_than_growth();
CREATE TRIGGER tile_stays BEFORE DELETE OR TRUNCATE ON ledger.tile
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER checkpoint_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

-- ALWAYS, as for the events.
ALTER TABLE ledger.tile ENABLE ALWAYS TRIGGER tile_only_grows;
ALTER TABLE ledger.tile ENABLE ALWAYS TRIGGER tile_stays;
ALTER TABLE ledger.checkpoint ENABLE ALWAYS TRIGGER checkpoint_is_append_only;

-- Grow the tree from one size to another and keep the checkpoint of the new one: both or neither.
--   A tile that grows is one place in each array: how many hashes it had (0 for a new one), and what is added.
-- Fails with a serialization failure if the tree is not at `old_size`, or a tile is not as wide as it was said
-- to be: another sealer was here. Read the tree again.
CREATE FUNCTION ledger.seal(
    old_size  bigint,
    new_size  bigint,
    new_root  bytea,
    signed_at timestamptz,
    new_note  text,
    levels    smallint[],
    places    bigint[],
    widths    integer[],
    additions bytea[]
) RETURNS void
LANGUAGE plpgsql
VOLATILE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    grown integer;
    made  integer;
BEGIN
    IF new_size <= old_size OR new_size > (SELECT h.position FROM ledger.head h)
       OR old_size <> coalesce((SELECT max(c.size) FROM ledger.checkpoint c), 0) THEN
        RAISE EXCEPTION 'the tree is not at %, or cannot grow to %', old_size, new_size
            USING ERRCODE = 'serialization_failure';
    END IF;

    -- Every growth changes the level-0 tile at `old_size`, from just the width that it had: of two sealers
    -- that both passed the check above, the second waits here for the first, and then changes no row.
    UPDATE ledger.tile t SET hashes = t.hashes || g.addition
    FROM unnest(levels, places, widths, additions) AS g (level, place, width, addition)
    WHERE g.width > 0 AND t.level = g.level AND t.at = g.place AND octet_length(t.hashes) = g.width * 32;
    GET DIAGNOSTICS grown = ROW_COUNT;

    INSERT INTO ledger.tile (level, at, hashes)
    SELECT g.level, g.place, g.addition
    FROM unnest(levels, places, widths, additions) AS g (level, place, width, addition)
    WHERE g.width = 0
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS made = ROW_COUNT;

    IF grown + made <> cardinality(levels) THEN
        RAISE EXCEPTION 'a tile of the tree of % is not as wide as it was said to be', old_size
            USING ERRCODE = 'serialization_failure';
    END IF;

    INSERT INTO ledger.checkpoint (size, root, signed_at, note) VALUES (new_size, new_root, signed_at, new_note);
END
$$;

REVOKE ALL ON ledger.tile, ledger.checkpoint FROM PUBLIC;
REVOKE ALL ON FUNCTION ledger.refuse_other_than_growth() FROM PUBLIC;
REVOKE ALL ON FUNCTION ledger.seal FROM PUBLIC;
GRANT SELECT ON ledger.tile, ledger.checkpoint TO caseledger_ledger;
GRANT EXECUTE ON FUNCTION ledger.seal TO caseledger_ledger;
