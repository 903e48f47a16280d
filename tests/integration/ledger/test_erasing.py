"""A case is erased once and for good: through crashes, by several ledgers, and to the last byte."""

import asyncio
import contextlib
import signal
from base64 import b64encode
from collections.abc import Awaitable, Callable
from itertools import product
from typing import Any

import asyncpg
import httpx
import pytest
from msgspec import json

from services.ledger import scrubbing, wrapping
from services.ledger.rewrapping import Rewrapping
from services.runtime import postgres
from services.stack import databases
from services.stack.postgres import Postgres
from tests.integration.ledger import drills, ledgers, mortal_eraser
from tests.integration.ledger.ledgers import Ledger, connection, contact
from tests.integration.ledger.mortal_eraser import WORDS
from tests.support.mortals import live, mortals
from tests.support.secrets import KEY_ENCRYPTION_KEY
from tests.support.until import until

NEWER = f"newer {b64encode(bytes(range(32, 64))).decode()}\n{KEY_ENCRYPTION_KEY}"
KILLED = ("before", "during", "after")
COURT = {"authority": "COURT", "basis": "COURT_ORDER", "decided_by": "records:1"}


def told(**attributes: Any) -> dict[str, Any]:
    return contact(data={"contact_id": "c-1", "summary": WORDS}, **attributes)


async def erase(ledger: Ledger, case: str, **decision: str) -> httpx.Response:
    return await ledger.http.post(f"/v1/cases/{case}/erasure", json={**COURT, **decision})


async def unsealed(ledger: Ledger, case: str) -> httpx.Response:
    asked = {"unseal": "true", "purpose": "SUBJECT_ACCESS"}
    return await ledger.http.get(f"/v1/cases/{case}/events", params=asked)


async def types(ledger: Ledger, case: str) -> list[str]:
    return [json.decode(line)["type"] for line in await ledger.history(case)]


async def test_an_erased_case_takes_nothing_personal_and_the_rest_stays(ledger: Ledger, bus: str) -> None:
    posted = told()
    await ledger.post("case-1", posted)
    await ledger.post("case-2", told())
    early = await erase(ledger, "case-1", basis="RETENTION")
    assert (early.status_code, early.json()["rule"]) == (422, "not_due")
    assert (await erase(ledger, "case-0")).status_code == 404
    assert (
        await ledger.post(
            "case-1", contact(type="KeyDestroyed", data={"destroyed_at": "2017-10-02T09:00:00Z"})
        )
    ).status_code == 400

    async with ledgers.ledger(ledger.owner_url, bus) as other:
        first, second = await asyncio.gather(erase(ledger, "case-1"), erase(other, "case-1"))
        assert 200 in {first.status_code, second.status_code} <= {200, 503}
        again = await erase(other, "case-1", authority="ANOTHER")
        assert again.status_code == 200
        assert again.json()["authority"] == "COURT"
        assert again.json()["destroyed_position"] > again.json()["decided_position"]
        assert await types(other, "case-1") == ["ContactReceived", "ErasureDecided", "KeyDestroyed"]

        gone = await unsealed(ledger, "case-1")
        assert (gone.status_code, gone.json()["type"]) == (410, "urn:caseledger:problem:erased")
        for each in (ledger, other):
            gone = await each.post("case-1", told())
            assert (gone.status_code, gone.json()["type"]) == (410, "urn:caseledger:problem:erased")
            assert (await each.post("case-1", contact(2))).status_code == 201
            assert (await each.post("case-2", told())).status_code == 201


async def test_who_may_not_erase_is_told_so_at_once_also_while_the_keys_are_locked(
    migrated: str, bus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scrubbing, "LOOK_EVERY", 0.05)
    async with ledgers.ledger(migrated, bus) as ledger, connection(migrated) as backup:
        await ledger.post("case-1", contact())
        async with backup.transaction():
            await backup.execute("LOCK TABLE keys.data_key IN ACCESS EXCLUSIVE MODE")
            await until(lambda: _scrubbing_waits(backup))
            async with asyncio.timeout(5):
                early, unknown = (
                    await erase(ledger, "case-1", basis="RETENTION"),
                    await erase(ledger, "case-0"),
                )
        assert (early.status_code, early.json()["rule"]) == (422, "not_due")
        assert unknown.status_code == 404


async def _scrubbing_waits(owner: asyncpg.Connection) -> bool:
    asked = "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'keys.data_key'::regclass AND NOT granted)"
    return bool(await owner.fetchval(asked))


async def test_of_an_erased_case_no_byte_on_disk_opens_anything_with_every_key_at_hand(
    own_postgres: Postgres, bus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All files of the server are searched; nobody but the ledger has cleaned up."""
    monkeypatch.setattr(scrubbing, "LOOK_EVERY", 0.05)
    url = own_postgres.url_of(databases.NAME)
    async with ledgers.ledger(url, bus) as ledger, connection(url) as owner:
        await owner.execute("ALTER SYSTEM SET log_min_duration_statement = 0")
        await owner.execute("SELECT pg_reload_conf()")
        await ledger.post("case-1", told())
        await ledger.post("case-2", told())
        former = await wrapped(owner)
        statements, newer = postgres.load_sql("services.ledger.sql"), wrapping.parse(NEWER)
        assert await Rewrapping(owner, statements, newer).run(lambda _: None) == 2
        present = await wrapped(owner)
        await owner.execute("ANALYZE keys.data_key")
        # As Postgres comes, it keeps files of its log to use them again, with all that they hold.
        await owner.execute("SELECT pg_switch_wal()")
        await owner.execute("CHECKPOINT")
        gone, stays = (former["case-1"], present["case-1"]), present["case-2"]
        for key in gone:  # a page of the log may end within it: then a part is found
            found = await asyncio.to_thread(places, own_postgres, *forms(key))
            assert set().union(*found.values()) >= {"write-ahead log", "tables"}

        answer = (await erase(ledger, "case-1")).json()
        assert answer["scrubbed_at"] or "of 1 erased case may still stand in" in answer["left"]
        await until(lambda: is_scrubbed(ledger, "case-1"))
        unwanted = {form for each in gone for form in forms(each)} | {WORDS.encode()}
        found = await asyncio.to_thread(places, own_postgres, *unwanted, stays)
        assert found.pop(stays) >= {"tables"}
        assert "INSERT INTO keys.data_key" in own_postgres.log.read_text()
        assert set().union(*found.values()) == set()
        assert (await ledger.ready())["checks"]["scrubbing"]["detail"] == "nothing is left of destroyed keys"
        async with drills.reading(url) as reading:
            assert (await drills.verify(reading)).events == (await ledger.head())["position"]


async def wrapped(owner: asyncpg.Connection) -> dict[str, bytes]:
    return dict(await owner.fetch("SELECT stream, wrapped FROM keys.data_key"))


async def is_scrubbed(ledger: Ledger, case: str) -> bool:
    found = (await ledger.http.get(f"/v1/cases/{case}/erasure")).json()
    return found["left"] is None and found["scrubbed_at"] is not None


def places(server: Postgres, *wanted: bytes) -> dict[bytes, set[str]]:
    """Where in the files of a server some bytes stand, its log included."""
    found: dict[bytes, set[str]] = {each: set() for each in wanted}
    for path in [*(path for path in server.data.rglob("*") if path.is_file()), server.log]:
        with contextlib.suppress(FileNotFoundError):  # Postgres takes away what it is done with
            content = path.read_bytes()
            place = "write-ahead log" if path.parent.name == "pg_wal" else "tables"
            for each in wanted:
                found[each] |= {place} if each in content else set()
    return found


def forms(key: bytes) -> set[bytes]:
    """A wrapped key as it may stand in a file: a part of its bytes, or these written as text."""
    parts = {key[:16], key[22:38], key[-16:]}
    written = {b64encode(key[shift : shift + 15]) for shift in range(3)}
    return parts | written | {key[:16].hex().encode(), key[:16].hex().upper().encode()}


async def test_a_key_that_a_backup_brings_back_opens_nothing_and_is_destroyed_again(
    ledger: Ledger, bus: str
) -> None:
    await ledger.post("case-1", told())
    await ledger.post("case-2", told())
    async with connection(ledger.owner_url) as owner:
        wrapped = await owner.fetchval("SELECT wrapped FROM keys.data_key WHERE stream = 'case-1'")
        (await erase(ledger, "case-1")).raise_for_status()

        async def restore() -> None:
            await owner.execute("ALTER TABLE keys.data_key DISABLE TRIGGER USER")
            await owner.execute(
                "UPDATE keys.data_key SET wrapped = $1, destroyed_at = NULL WHERE stream = 'case-1'", wrapped
            )
            await owner.execute("ALTER TABLE keys.data_key ENABLE ALWAYS TRIGGER data_key_stays")

        async def standing() -> list[str]:
            found = await owner.fetch("SELECT stream FROM keys.data_key WHERE wrapped IS NOT NULL ORDER BY 1")
            return [stream for (stream,) in found]

        await restore()
        assert await standing() == ["case-1", "case-2"]
        assert (await unsealed(ledger, "case-1")).status_code == 410  # at once: the ledger knows
        assert (await unsealed(ledger, "case-2")).status_code == 200
        (await erase(ledger, "case-1")).raise_for_status()
        assert await standing() == ["case-2"]

        await restore()
        async with ledgers.ledger(ledger.owner_url, bus):
            await until(lambda: _is(standing, ["case-2"]))


async def _is(found: Callable[[], Awaitable[list[str]]], wanted: list[str]) -> bool:
    return await found() == wanted


async def test_an_erasure_goes_on_after_a_crash_at_any_step(migrated: str) -> None:
    async with mortals(mortal_eraser, migrated) as process:
        for step, when in product(mortal_eraser.ERASING, KILLED):
            case = _case(step, when)
            await live(process, f"{step}|{when}|{case}", signal.SIGKILL)
            await live(process, "||", 0)
            decided = await recorded(migrated, case) - {"ContactReceived"}
            assert decided in (set(), {"ErasureDecided", "KeyDestroyed"})
            assert decided or step == "record the decision"
            await live(process, f"||{case}", 0)
            assert await recorded(migrated, case) == {"ContactReceived", "ErasureDecided", "KeyDestroyed"}
        for step, when in product(mortal_eraser.SCRUBBING, KILLED):
            await live(process, f"{step}|{when}|{_case(step, when)}", signal.SIGKILL)
            await live(process, "|scrub|", 0)
            assert await left(migrated, "scrubbed_at IS NULL") == 0
    async with connection(migrated) as owner:
        assert await owner.fetchval("SELECT count(*) FROM ledger.event") == 5 * 3 * 3
    assert await left(migrated, "wrapped IS NOT NULL") == 0


async def left(owner_url: str, condition: str) -> int:
    """How many keys there are of some kind."""
    async with connection(owner_url) as owner:
        found: int = await owner.fetchval(f"SELECT count(*) FROM keys.data_key WHERE {condition}")
    return found


async def recorded(owner_url: str, case: str) -> set[str]:
    """The types of what is recorded of a case; the key is gone exactly if that is recorded."""
    async with connection(owner_url) as owner:
        types = {
            name for (name,) in await owner.fetch("SELECT type FROM ledger.event WHERE case_id = $1", case)
        }
        gone = await owner.fetchval(
            "SELECT destroyed_at IS NOT NULL FROM keys.data_key WHERE stream = $1", case
        )
    assert gone is ("KeyDestroyed" in types)
    return types


def _case(step: str, when: str) -> str:
    return f"case-{step}-{when}".replace(" ", "-")
