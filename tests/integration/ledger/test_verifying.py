"""Whatever a superuser does to the ledger in Postgres is found, at its first position, by its name.

All drills are done on one ledger, in transactions that are not kept. docs/explanation/threat-model.md names
each.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from typer.testing import CliRunner

from services.cli.commands import load
from services.evidence import checkpoint
from services.evidence.treehead import TreeHead
from services.ledger import sealer as sealer_module
from services.ledger import verification
from tests.integration.ledger import drills, ledgers
from tests.integration.ledger.drills import ALL, SMALL, Prepared, found, tampering, verify
from tests.integration.ledger.seals import ORIGIN, SIGNER, STRANGER
from tests.integration.ledger.seals import tampering as tampering_for_good
from tests.support import backing
from tests.support import independent_verifier as independent
from tests.support.backing import Database

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def prepared(postgres_server: Database, nats_server: str) -> AsyncIterator[Prepared]:
    """The sealed ledger that every drill copies."""
    await backing.empty_jetstream(nats_server)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sealer_module, "SEAL_EVERY", 0.0)
        patched.setattr(verification, "AT_ONCE", 250)
        async with backing.fresh_database(postgres_server, "verifying") as database:
            owner_url = await ledgers.migrated(database.url)
            yield await drills.prepare(owner_url, nats_server)


async def test_a_ledger_that_nobody_touched_is_verified(prepared: Prepared) -> None:
    every = [prepared.kept(size) for size in prepared.checkpoints]
    async with drills.reading(prepared.owner_url) as owner:
        assert await verify(owner, every) == (ALL, ALL, SMALL + 1)


CHANGED = "replace(document, '/test', '/tess')"
ROWS = "case_id, case_version, source, event_id, type, occurred_at, recorded_at, document, leaf, content"


def hashed(document: str) -> str:
    return f"sha256('\\x00'::bytea || convert_to({document}, 'UTF8'))"


def renumber(after: int, by: int) -> str:
    """Move all events after a position, and have their documents and leaves say so too."""
    document = f"regexp_replace(document, '^.\"position\":[0-9]+', '{{\"position\":' || position + {by})"
    return (
        f"UPDATE ledger.event SET document = {document}, leaf = {hashed(document)},"
        f" position = -position - {by} WHERE position > {after};"
        " UPDATE ledger.event SET position = -position WHERE position < 0"
    )


MOVE_UP = (
    "UPDATE ledger.event SET position = -position - 1 WHERE position > 50;"
    " UPDATE ledger.event SET position = -position WHERE position < 0;"
)
COPY_AT_51 = (
    f"INSERT INTO ledger.event (position, {ROWS}) SELECT 51, case_id, 9999, source, 'new', type,"
    " occurred_at, recorded_at, replace(document, '\"id\"', '\"xd\"'), leaf, content"
    " FROM ledger.event WHERE position = {}"
)
SWAP = """
    UPDATE ledger.event SET position = -position WHERE position IN ({0}, {1});
    UPDATE ledger.event SET position = {0} + {1} + position WHERE position < 0;"""
REWRITE = f"""
    UPDATE ledger.event
    SET document = regexp_replace(document, '^.."position":[0-9]+', '{{{{"position":' || position)
    WHERE position IN ({{0}}, {{1}});
    UPDATE ledger.event SET leaf = {hashed("document")} WHERE position IN ({{0}}, {{1}})"""
BACKDATED = 'regexp_replace(document, \'"recordedat":"[^"]*"\', \'"recordedat":"2018-03-29T11:00:00Z"\')'

TAMPERINGS = {
    "a byte of a document": (
        f"UPDATE ledger.event SET document = {CHANGED} WHERE position = 20",
        20,
        "changed",
    ),
    "a document with its columns and its leaf": (
        (
            f"UPDATE ledger.event SET document = {CHANGED}, source = '/tess', leaf = {hashed(CHANGED)}"
            " WHERE position = 20"
        ),
        20,
        "changed",
    ),
    "a document with its leaf, and a column further on": (
        (
            f"UPDATE ledger.event SET document = {CHANGED}, source = '/tess', leaf = {hashed(CHANGED)}"
            " WHERE position = 20; UPDATE ledger.event SET case_id = 'x' WHERE position = 22"
        ),
        20,
        "changed",
    ),
    "a column beside a document": (
        "UPDATE ledger.event SET case_id = 'x' WHERE position = 300",
        300,
        "changed",
    ),
    "when it was recorded, beside the document": (
        "UPDATE ledger.event SET recorded_at = recorded_at - interval '1 day' WHERE position = 21",
        21,
        "changed",
    ),
    "when it was recorded, in the document": (
        f"UPDATE ledger.event SET document = {BACKDATED} WHERE position = 21",
        21,
        "backdated",
    ),
    "when it was recorded, everywhere": (
        (
            f"UPDATE ledger.event SET document = {BACKDATED}, leaf = {hashed(BACKDATED)},"
            " recorded_at = '2018-03-29T11:00:00Z' WHERE position = 333"
        ),
        333,
        "backdated",
    ),
    "a leaf": ("UPDATE ledger.event SET leaf = sha256('x') WHERE position = 260", 260, "changed"),
    "an event deleted": ("DELETE FROM ledger.event WHERE position = 17", 17, "missing"),
    "an event deleted, and the gap closed": (
        (
            f"DELETE FROM ledger.event WHERE position = 17; {renumber(17, -1)};"
            f" UPDATE ledger.head SET position = {ALL - 1}"
        ),
        17,
        "missing",
    ),
    "the newest event deleted": (f"DELETE FROM ledger.event WHERE position = {ALL}", ALL, "missing"),
    "the newest event deleted, and the head put back": (
        f"DELETE FROM ledger.event WHERE position = {ALL}; UPDATE ledger.head SET position = {ALL - 1}",
        ALL,
        "rolled back",
    ),
    "a tail deleted": ("DELETE FROM ledger.event WHERE position > 400", 401, "missing"),
    "a tail deleted, and the head put back": (
        "DELETE FROM ledger.event WHERE position > 400; UPDATE ledger.head SET position = 400",
        401,
        "rolled back",
    ),
    "an event changed, and a tail deleted": (
        (
            "UPDATE ledger.event SET case_id = 'x' WHERE position = 300;"
            " DELETE FROM ledger.event WHERE position > 400; UPDATE ledger.head SET position = 400"
        ),
        300,
        "changed",
    ),
    "two swapped": (SWAP.format(40, 41), 40, "reordered"),
    "two swapped that are far apart": (SWAP.format(20, 600), 20, "reordered"),
    "two swapped, and their documents rewritten": ((SWAP + REWRITE).format(40, 160), 40, "reordered"),
    "one inserted": (f"{MOVE_UP} {COPY_AT_51.format(50)}", 51, "inserted"),
    "one inserted, and all after it rewritten": (
        f"{renumber(50, 1)}; {COPY_AT_51.format(50)}; UPDATE ledger.head SET position = {ALL + 1}",
        51,
        "inserted",
    ),
    "one inserted at the end": (
        (
            f"INSERT INTO ledger.event (position, {ROWS}) SELECT position + 1, case_id, 9999, source, 'new',"
            " type, occurred_at, recorded_at, document, leaf, content FROM ledger.event"
            f" WHERE position = {ALL}"
        ),
        ALL + 1,
        "inserted",
    ),
    "the head put back": ("UPDATE ledger.head SET position = 400", 0, "changed"),
    "a tile": (
        "UPDATE ledger.tile SET hashes = overlay(hashes PLACING '\\x00' FROM 33) WHERE level = 0 AND at = 1",
        258,
        "changed",
    ),
    "a tile at the edge": (
        "UPDATE ledger.tile SET hashes = overlay(hashes PLACING '\\x00' FROM 33) WHERE level = 0 AND at = 2",
        514,
        "changed",
    ),
    "a tile above": (
        "UPDATE ledger.tile SET hashes = overlay(hashes PLACING '\\x00' FROM 33) WHERE level = 1",
        257,
        "changed",
    ),
    "a tile deleted": ("DELETE FROM ledger.tile WHERE level = 0 AND at = 2", 513, "missing"),
    "a checkpoint's root": ("UPDATE ledger.checkpoint SET root = sha256('x') WHERE size = 630", 0, "changed"),
    "a checkpoint's note": (
        "UPDATE ledger.checkpoint SET note = replace(note, '630', '631') WHERE size = 630",
        0,
        "changed",
    ),
    "the last checkpoint deleted": ("DELETE FROM ledger.checkpoint WHERE size = 630", 0, "missing"),
}


@pytest.mark.parametrize(("statement", "position", "kind"), TAMPERINGS.values(), ids=TAMPERINGS)
async def test_it_is_found(prepared: Prepared, statement: str, position: int, kind: str) -> None:
    async with tampering(prepared.owner_url, statement) as superuser:
        wrong = await found(superuser)
    assert wrong is not None
    assert (wrong.position, wrong.kind) == (position, kind), wrong


CHANGE_20 = (
    f"UPDATE ledger.event SET document = {CHANGED}, source = '/tess', leaf = {hashed(CHANGED)}"
    " WHERE position = 20"
)
DROP_THE_TREE = "DELETE FROM ledger.tile; DELETE FROM ledger.checkpoint"


async def test_a_tree_that_was_replaced_wholesale_is_found_by_checkpoints_that_were_kept(
    prepared: Prepared,
) -> None:
    async with tampering(prepared.owner_url, DROP_THE_TREE, CHANGE_20) as superuser:
        assert (await verify(superuser))[:2] == (ALL, 0)  # by itself it is whole
        wrong = await found(superuser, [prepared.kept(ALL)])
        assert wrong is not None
        assert (wrong.position, wrong.until, wrong.kind) == (1, ALL, "changed")
        wrong = await found(superuser, [prepared.kept(size) for size in (ALL, 15, 24)])
        assert wrong is not None
        assert (wrong.position, wrong.until, wrong.kind) == (16, 24, "changed")
        assert "the first 24 events are not those of the one kept" in str(wrong)


async def test_what_was_changed_down_to_the_tree_is_found_by_the_checkpoints_in_the_database(
    prepared: Prepared,
) -> None:
    async with tampering(prepared.owner_url, CHANGE_20, "DELETE FROM ledger.tile") as superuser:
        wrong = await found(superuser)
        assert wrong is not None
        assert (wrong.position, wrong.kind) == (1, "missing")
        forged = await tiles_of(superuser)
        await superuser.executemany("INSERT INTO ledger.tile VALUES ($1, $2, $3)", forged)
        wrong = await found(superuser)
        assert wrong is not None
        assert (wrong.position, wrong.until, wrong.kind) == (20, 20, "changed")


async def tiles_of(superuser: asyncpg.Connection) -> list[tuple[int, int, bytes]]:
    """The tiles that a forger would make of what the events are now."""
    rows = await superuser.fetch("SELECT leaf FROM ledger.event ORDER BY position")
    return drills.tiles_over([row["leaf"] for row in rows])


async def test_a_ledger_that_was_signed_anew_with_another_key_is_found(prepared: Prepared) -> None:
    async with tampering(prepared.owner_url, CHANGE_20, DROP_THE_TREE) as superuser:
        forged = await tiles_of(superuser)
        await superuser.executemany("INSERT INTO ledger.tile VALUES ($1, $2, $3)", forged)
        root = independent.root_over([forged[0][2][at : at + 32] for at in range(0, 20 * 32, 32)])
        note = checkpoint.sign(TreeHead(ORIGIN, 20, root), [STRANGER], 0).encode().decode()
        await superuser.execute("INSERT INTO ledger.checkpoint VALUES (20, $1, now(), $2)", root, note)
        await superuser.execute("DELETE FROM ledger.tile WHERE level > 0 OR at > 0")
        await superuser.execute("UPDATE ledger.tile SET hashes = substring(hashes FOR 640)")
        assert (await verify(superuser, signer=STRANGER))[:2] == (ALL, 20)
        wrong = await found(superuser)
    assert wrong is not None
    assert (wrong.position, wrong.kind) == (0, "key changed")


PUT_BACK_TO_20 = """
    DELETE FROM ledger.event WHERE position > 20; UPDATE ledger.head SET position = 20;
    DELETE FROM ledger.checkpoint WHERE size > 20; DELETE FROM ledger.tile WHERE level > 0 OR at > 0;
    UPDATE ledger.tile SET hashes = substring(hashes FOR 20 * 32)"""


async def test_a_tail_that_was_taken_off_tree_and_all_is_missed_by_a_checkpoint_that_was_kept(
    prepared: Prepared,
) -> None:
    async with tampering(prepared.owner_url, PUT_BACK_TO_20) as superuser:
        assert (await verify(superuser))[:2] == (20, 20)  # by itself it is whole
        wrong = await found(superuser, [prepared.kept(15), prepared.kept(28)])
    assert wrong is not None
    assert (wrong.position, wrong.kind) == (21, "rolled back")


async def test_when_a_checkpoint_was_kept_tells_a_ledger_that_was_put_back_from_one_that_was_changed(
    prepared: Prepared,
) -> None:
    async with tampering(prepared.owner_url, DROP_THE_TREE, CHANGE_20) as superuser:
        now = await superuser.fetchval("SELECT extract(epoch FROM now())::bigint")
        for kept_at, kind in [(now, "changed"), (now - 3_600, "rolled back")]:
            wrong = await found(superuser, [prepared.kept(ALL, kept_at)])
            assert wrong is not None
            assert wrong.kind == kind


async def test_the_command_says_so(
    prepared: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, kept = tmp_path / "key", tmp_path / "kept"
    key.write_text(f"{SIGNER.verifier}\n")
    kept.write_text(prepared.checkpoints[ALL])
    arguments = ["verify", "--json", "--key", str(key), "--from-checkpoint", str(kept)]
    async with drills.copied(prepared.owner_url, "drill") as copy:
        monkeypatch.setenv("CASELEDGER_DATABASE_URL", copy)
        answer = await command(*arguments)
        assert (answer[0], answer[1]["verified"], answer[1]["events"]) == (0, True, ALL)
        assert (answer[1]["keys"], answer[1]["kept"]) == ([str(SIGNER.verifier)], [ALL])
        number = len(prepared.checkpoints)
        said = await asyncio.to_thread(CliRunner().invoke, load(), [*arguments[:1], *arguments[2:]])
        assert said.stdout.splitlines() == [
            f"All is as it was recorded: {ALL} events, {ALL} of them sealed, under {number} checkpoints.",
            f"Signatures were checked with {SIGNER.verifier.short}.",
            f"It goes on from the checkpoint of {ALL} events that was kept.",
        ]
        async with tampering_for_good(copy) as superuser:
            await superuser.execute("UPDATE ledger.event SET leaf = sha256('x') WHERE position = 26")
        answer = await command(*arguments)
        assert (answer[0], answer[1]["verified"], answer[1]["position"]) == (1, False, 26)


async def command(*arguments: str) -> tuple[int, dict[str, object]]:
    """Run a command in a thread, where it makes a loop of its own."""
    result = await asyncio.to_thread(CliRunner().invoke, load(), list(arguments))
    return result.exit_code, json.loads(result.stdout)
