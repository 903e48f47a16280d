"""Whatever a superuser does to the ledger in Postgres is found, at its first position, by its name."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from typer.testing import CliRunner

from services.cli.__main__ import app
from services.evidence import note, treehead
from services.evidence.keys import Signer
from services.ledger import sealer as sealer_module
from services.ledger import verification
from services.ledger.verification import Kept, Verification, Verified, Wrong
from services.runtime import postgres
from tests.integration.ledger import ledgers
from tests.integration.ledger.ledgers import Ledger, connection, contact
from tests.integration.ledger.seals import SIGNER, STRANGER, tampering
from tests.support.until import until

EVENTS = 30  # each a post of its own
BULK = 600
ALL = EVENTS + BULK


@pytest_asyncio.fixture
async def sealed(migrated: str, bus: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """The owner's URL of a ledger of which everything is sealed; nothing runs on it any more."""
    monkeypatch.setattr(sealer_module, "SEAL_EVERY", 0.0)
    monkeypatch.setattr(verification, "AT_ONCE", 250)
    async with ledgers.ledger(migrated, bus, signing_key=SIGNER.written()) as ledger:
        for n in range(EVENTS):
            await ledger.post(f"case-{n % 7}", contact(n))
        await ledger.post("case-bulk", *(contact(f"bulk-{n}") for n in range(BULK)))
        await until(lambda: covers(ledger, ALL))
    yield migrated


async def covers(ledger: Ledger, size: int) -> bool:
    return (await ledger.http.get("/v1/checkpoint")).text.split("\n")[1:2] == [str(size)]


async def verify(owner_url: str, kept: str = "", signer: Signer = SIGNER) -> Verified:
    told: list[tuple[int, int]] = []
    anchors = (
        [Kept(treehead.parse(note.parse(kept.encode()).text), "the checkpoint that was kept")] if kept else []
    )
    async with connection(owner_url) as owner, owner.transaction(isolation="repeatable_read", readonly=True):
        run = Verification(
            owner,
            postgres.load_sql("services.ledger.sql"),
            [signer.verifier],
            anchors,
        )
        verified = await run.run(lambda done, total: told.append((done, total)))
    assert told[-1] == (verified.events, verified.events)
    return verified


async def kept_checkpoint(owner_url: str) -> str:
    async with connection(owner_url) as owner:
        found: str = await owner.fetchval("SELECT note FROM ledger.checkpoint ORDER BY size DESC LIMIT 1")
    return found


async def test_a_ledger_that_nobody_touched_is_verified(sealed: str) -> None:
    verified = await verify(sealed, await kept_checkpoint(sealed))
    assert verified[:2] == (ALL, ALL)
    async with connection(sealed) as owner:
        assert verified.checkpoints == await owner.fetchval("SELECT count(*) FROM ledger.checkpoint")


REHASH = "leaf = sha256('\\x00'::bytea || convert_to({}, 'UTF8'))"
CHANGED = "replace(document, '/test', '/tess')"
ROWS = "case_id, case_version, source, event_id, type, occurred_at, recorded_at, document, leaf, content"

TAMPERINGS = {
    "a byte of a document": (
        f"UPDATE ledger.event SET document = {CHANGED} WHERE position = 20",
        20,
        "changed",
    ),
    "a document with its columns and its leaf": (
        (
            f"UPDATE ledger.event SET document = {CHANGED}, source = '/tess', {REHASH.format(CHANGED)}"
            " WHERE position = 20"
        ),
        20,
        "changed",
    ),
    "a column beside a document": (
        "UPDATE ledger.event SET case_id = 'x' WHERE position = 300",
        300,
        "changed",
    ),
    "when it was recorded": (
        "UPDATE ledger.event SET recorded_at = recorded_at - interval '1 day' WHERE position = 21",
        21,
        "changed",
    ),
    "a leaf": ("UPDATE ledger.event SET leaf = sha256('x') WHERE position = 260", 260, "changed"),
    "an event deleted": ("DELETE FROM ledger.event WHERE position = 17", 17, "missing"),
    "the newest event deleted": (f"DELETE FROM ledger.event WHERE position = {ALL}", ALL, "missing"),
    "a tail deleted, and the head put back": (
        "DELETE FROM ledger.event WHERE position > 400; UPDATE ledger.head SET position = 400",
        401,
        "rolled back",
    ),
    "two swapped": (
        (
            "UPDATE ledger.event SET position = -position WHERE position IN (40, 41);"
            " UPDATE ledger.event SET position = 81 + position WHERE position < 0"
        ),
        40,
        "reordered",
    ),
    "one inserted": (
        (
            "UPDATE ledger.event SET position = position + 1000 WHERE position > 50;"
            " UPDATE ledger.event SET position = position - 999 WHERE position > 1000;"
            f" INSERT INTO ledger.event (position, {ROWS}) SELECT 51, case_id, 9999, source, 'new', type,"
            " occurred_at, recorded_at, document, leaf, content FROM ledger.event WHERE position = 50"
        ),
        51,
        "reordered",
    ),
    "a tile": (
        "UPDATE ledger.tile SET hashes = overlay(hashes PLACING '\\x00' FROM 33) WHERE level = 0 AND at = 1",
        258,
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
}


@pytest.mark.parametrize(("statement", "position", "kind"), TAMPERINGS.values(), ids=TAMPERINGS)
async def test_it_is_found(sealed: str, statement: str, position: int, kind: str) -> None:
    async with tampering(sealed) as superuser:
        await superuser.execute("ALTER TABLE ledger.event DROP CONSTRAINT event_position_check")
        await superuser.execute(statement)
    with pytest.raises(Wrong) as wrong:
        await verify(sealed)
    assert (wrong.value.position, wrong.value.kind) == (position, kind)


async def test_a_tree_that_was_replaced_wholesale_is_found_by_a_checkpoint_that_was_kept(sealed: str) -> None:
    kept = await kept_checkpoint(sealed)
    async with tampering(sealed) as superuser:
        await superuser.execute("DELETE FROM ledger.tile; DELETE FROM ledger.checkpoint")
        await superuser.execute(
            f"UPDATE ledger.event SET document = {CHANGED}, source = '/tess', {REHASH.format(CHANGED)}"
            " WHERE position = 20"
        )
    assert (await verify(sealed))[:2] == (ALL, 0)  # by itself it is whole
    with pytest.raises(Wrong, match="the first 630 events are not those of the checkpoint that was kept"):
        await verify(sealed, kept)


async def test_a_ledger_signed_with_another_key_is_found(sealed: str) -> None:
    with pytest.raises(Wrong, match="key changed"):
        await verify(sealed, signer=STRANGER)


async def test_the_command_says_so(sealed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASELEDGER_DATABASE_URL", sealed)
    key, kept = tmp_path / "key", tmp_path / "kept"
    key.write_text(f"{SIGNER.verifier}\n")
    kept.write_text(await kept_checkpoint(sealed))
    arguments = ["verify", "--json", "--key", str(key), "--from-checkpoint", str(kept)]
    answer = await command(*arguments)
    assert (answer[0], answer[1]["verified"], answer[1]["events"]) == (0, True, ALL)
    async with tampering(sealed) as superuser:
        await superuser.execute("UPDATE ledger.event SET leaf = sha256('x') WHERE position = 26")
    answer = await command(*arguments)
    assert (answer[0], answer[1]["verified"], answer[1]["position"]) == (1, False, 26)


async def command(*arguments: str) -> tuple[int, dict[str, object]]:
    """Run a command in a thread, where it makes a loop of its own."""
    result = await asyncio.to_thread(CliRunner().invoke, app, list(arguments))
    return result.exit_code, json.loads(result.stdout)
