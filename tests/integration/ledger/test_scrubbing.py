"""What is in the way of scrubbing destroyed keys is waited for, and told with what to do about it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
import structlog

from services.ledger import scrubbing as scrubbing_module
from services.ledger import wrapping
from services.ledger.datakeys import DataKeys
from services.ledger.residue import Residue
from services.ledger.scrubbing import Scrubbing
from services.runtime import postgres
from services.runtime.clock import SystemClock
from services.stack import databases
from services.stack.postgres import Postgres
from tests.integration.ledger import ledgers
from tests.integration.ledger.ledgers import connection
from tests.support import faults
from tests.support.secrets import KEY_ENCRYPTION_KEY
from tests.support.until import until

STATEMENTS = postgres.load_sql("services.ledger.sql")
HOW_TO = Path("docs/how-to/forget-a-person.md")
CUT = (
    "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
    "AND application_name = 'caseledger scrub' AND wait_event_type = 'Lock'"
)
PLACE = "SELECT pg_walfile_name(pg_current_wal_lsn()), pg_relation_filenode('keys.data_key')"


AS_A_CRASH_DOES = "SELECT pg_stat_reset_shared('checkpointer')"


@asynccontextmanager
async def reading(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Somebody's transaction that sees the database as it is now."""
    async with connection(url) as reader, reader.transaction(isolation="repeatable_read"):
        await reader.fetch("SELECT FROM ledger.head")
        yield reader


@asynccontextmanager
async def keys_of(url: str) -> AsyncIterator[tuple[DataKeys, Scrubbing]]:
    """What a ledger has of the keys, as its role."""
    clock, role_url = SystemClock(), ledgers.as_ledger(url)
    async with asyncpg.create_pool(role_url, min_size=0) as pool:
        keys = DataKeys(pool, STATEMENTS, wrapping.parse(KEY_ENCRYPTION_KEY), clock)
        yield keys, Scrubbing(pool, role_url, STATEMENTS, clock, upkeep=pool)


async def test_without_a_destroyed_key_nothing_is_written(migrated: str) -> None:
    async with keys_of(migrated) as (keys, scrubbing), connection(migrated) as owner:
        await keys.of(["case-1"])
        before = await owner.fetchrow(PLACE)
        assert await scrubbing.scrub()
        assert await owner.fetchrow(PLACE) == before
        assert (await scrubbing.check()).detail == "nothing is left of destroyed keys"


async def test_a_former_row_that_somebody_may_still_read_stays_until_they_are_through(migrated: str) -> None:
    async with (
        keys_of(migrated) as (keys, scrubbing),
        connection(migrated) as owner,
        connection(migrated) as reader,
    ):
        await owner.execute("ALTER FUNCTION keys.rewrite() SET lock_timeout = '20ms'")
        await keys.of(["case-1", "case-2"])
        reading = reader.transaction(isolation="repeatable_read")
        await reading.start()
        await reader.fetch("SELECT FROM ledger.head")
        await keys.destroy("case-1")
        assert not await scrubbing.scrub()
        assert await reader.fetchval("SELECT count(wrapped) FROM keys.data_key") == 2  # as a backup would
        assert not await scrubbing.scrub()
        found = await scrubbing.residue()
        assert (found.in_table, found.in_log) == (1, 0)
        assert "the wrapped key of 1 erased case may still stand in dead rows" in found.told
        assert await scrubbing.done_at("case-1") is None
        await reading.rollback()
        assert await scrubbing.scrub()
        assert await scrubbing.done_at("case-1") is not None
        assert await scrubbing.done_at("case-2") is None
        assert await owner.fetchval("SELECT count(wrapped) FROM keys.data_key") == 1


async def test_who_seals_does_not_wait_for_a_backup_because_a_rewrite_does(migrated: str) -> None:
    async with keys_of(migrated) as (keys, scrubbing), reading(migrated) as backup:
        await keys.destroy("case-1")
        await backup.execute("LOCK TABLE keys.data_key IN ACCESS SHARE MODE")
        trying = asyncio.create_task(scrubbing.scrub())

        async def waits() -> bool:
            return (
                trying.done() or await backup.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted") > 0
            )

        await until(waits)
        async with asyncio.timeout(2):
            assert "case-2" in await keys.of(["case-2"])
        assert not await trying


@pytest.mark.parametrize("cut_short", [False, True])
async def test_a_rewrite_that_was_refused_or_cut_short_is_no_file_left_behind_if_the_server_goes_down_later(
    migrated: str, *, cut_short: bool
) -> None:
    async with keys_of(migrated) as (keys, scrubbing), connection(migrated) as owner:
        await keys.destroy("case-1")
        async with reading(migrated) as backup:
            await backup.execute("LOCK TABLE keys.data_key IN ACCESS SHARE MODE")
            if cut_short:
                await owner.execute("ALTER FUNCTION keys.rewrite() SET lock_timeout = 0")
                trying = asyncio.create_task(scrubbing.scrub())
                await until(lambda: cuts(owner))
                with pytest.raises(asyncpg.QueryCanceledError):
                    await trying
            else:
                assert not await scrubbing.scrub()
        await owner.execute(AS_A_CRASH_DOES)
        assert not (await scrubbing.residue()).orphan


async def cuts(owner: asyncpg.Connection) -> bool:
    """Cancel a rewrite that waits; whether there was one."""
    return bool(await owner.fetch(CUT))


async def test_the_note_of_a_rewrite_outlasts_another_that_is_refused_and_that_of_a_crash_every_one(
    migrated: str,
) -> None:
    async with connection(migrated) as owner, connection(migrated) as other:
        await owner.fetchval("SELECT keys.begin_rewrite()")
        begun = await owner.fetchval("SELECT begun_at FROM keys.rewriting")
        await other.execute("SELECT keys.end_rewrite()")
        assert await owner.fetchval("SELECT begun_at FROM keys.rewriting") == begun
        await owner.execute(AS_A_CRASH_DOES)
        await owner.execute("SELECT keys.begin_rewrite()")
        await owner.execute("SELECT keys.end_rewrite()")
        assert await owner.fetchval("SELECT keys.orphaned_at()") == begun


async def test_the_log_says_what_was_scrubbed_and_what_was_not(migrated: str) -> None:
    async with keys_of(migrated) as (keys, scrubbing), connection(migrated) as owner:
        await keys.of(["case-1"])
        async with reading(migrated) as earlier:
            await keys.destroy("case-1")
            assert await logged(scrubbing) == [("scrubbing.table", "still_read")]
            await earlier.execute("LOCK TABLE keys.data_key IN ACCESS SHARE MODE")
            assert await logged(scrubbing) == [("scrubbing.table", "in_use")]
        await owner.fetchval("SELECT keys.begin_rewrite()")
        assert await logged(scrubbing) == [("scrubbing.table", "busy")]
        await owner.fetchval("SELECT pg_advisory_unlock_all()")
        assert await logged(scrubbing) == [("scrubbing.table", "done"), ("scrubbing.log", "done")]
        assert await logged(scrubbing) == []


async def logged(scrubbing: Scrubbing) -> list[tuple[str, str]]:
    with structlog.testing.capture_logs() as lines:
        await scrubbing.scrub()
    return [(line["event"], line["code"]) for line in lines]


async def test_a_log_that_somebody_keeps_is_told_of_until_they_let_go_of_it(migrated: str) -> None:
    async with keys_of(migrated) as (keys, scrubbing), connection(migrated) as owner:
        await keys.destroy("case-1")
        await keys.destroy("case-2")
        await owner.execute("SELECT pg_create_physical_replication_slot('keeps', true)")
        try:
            assert not await scrubbing.scrub()
        finally:
            await owner.execute("SELECT pg_drop_replication_slot('keeps')")
        found = await scrubbing.residue()
        assert (found.in_table, found.in_log) == (0, 2)
        assert "of 2 erased cases may still stand in the write-ahead log" in found.told
        assert "a replication slot" in found.told
        # As of rows that were dumped on a server whose log had come further.
        await owner.execute("UPDATE keys.data_key SET rewritten_lsn = 'FFFF/0' WHERE stream = 'case-2'")
        assert await scrubbing.scrub()
        assert await scrubbing.done_at("case-1") == await scrubbing.done_at("case-2")


async def test_a_key_that_came_back_and_is_destroyed_again_is_scrubbed_again(migrated: str) -> None:
    async with keys_of(migrated) as (keys, scrubbing), connection(migrated) as owner:
        await keys.of(["case-1"])
        await keys.destroy("case-1")
        assert await scrubbing.scrub()
        await owner.execute("ALTER TABLE keys.data_key DISABLE TRIGGER data_key_stays")
        await owner.execute("UPDATE keys.data_key SET wrapped = '\\x00', destroyed_at = NULL")
        await owner.execute("ALTER TABLE keys.data_key ENABLE ALWAYS TRIGGER data_key_stays")
        await keys.destroy("case-1")
        assert await scrubbing.done_at("case-1") is None
        assert await scrubbing.scrub()
        assert await scrubbing.done_at("case-1") is not None


async def test_what_goes_on_in_vain_is_a_warning_with_what_to_do(
    migrated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scrubbing_module, "LOOK_EVERY", 0.01)
    async with keys_of(migrated) as (keys, scrubbing), connection(migrated) as owner:
        await owner.execute("REVOKE ALL ON FUNCTION keys.renew_log(timestamptz) FROM caseledger_ledger")
        await keys.destroy("case-1")
        assert not (await scrubbing.check()).warning
        running = asyncio.create_task(scrubbing.run())

        async def warned() -> bool:
            found = await scrubbing.check()
            return found.ok and found.warning and "write-ahead log" in found.detail

        await until(warned)
        await owner.execute("GRANT EXECUTE ON FUNCTION keys.renew_log(timestamptz) TO caseledger_ledger")

        async def scrubbed() -> bool:
            return await scrubbing.done_at("case-1") is not None

        await until(scrubbed)
        running.cancel()


async def test_what_a_server_leaves_that_goes_down_while_it_rewrites_is_told_until_it_is_cleared_away(
    own_postgres: Postgres,
) -> None:
    url = own_postgres.url_of(databases.NAME)
    async with keys_of(url) as (keys, _), connection(url) as owner:
        await keys.of(["case-1", "case-2"])
        await keys.destroy("case-2")
        key: bytes = await owner.fetchval("SELECT wrapped FROM keys.data_key WHERE stream = 'case-1'")
        await owner.fetchval("SELECT keys.begin_rewrite()")
        await owner.execute("BEGIN")
        await owner.fetchval("SELECT keys.rewrite()")
        await owner.execute("CHECKPOINT")
        faults.pause(own_postgres)  # else what it is in the middle of has time to clear up behind itself
        await faults.kill(own_postgres)
    await faults.restart(own_postgres)
    async with keys_of(url) as (keys, scrubbing), connection(url) as owner:
        await keys.destroy("case-1")
        assert await scrubbing.scrub()
        found = await scrubbing.check()
        assert (found.ok, found.warning, "belongs to no table" in found.detail) == (True, True, True)
        files = [own_postgres.data / path for (path,) in await owner.fetch(statement_in_how_to("pg_ls_dir"))]
        assert any(key in file.read_bytes() for file in files)
        for file in files:
            file.unlink()
        await owner.execute(statement_in_how_to("UPDATE keys.rewriting"))
        assert not (await scrubbing.check()).warning
        await faults.restart(own_postgres)
    held = [path for path in own_postgres.data.rglob("*") if path.is_file() and key in path.read_bytes()]
    assert held == []


def statement_in_how_to(with_words: str) -> str:
    blocks = HOW_TO.read_text().split("```sql\n")[1:]
    (found,) = [block.partition("```")[0] for block in blocks if with_words in block]
    return found


def test_an_owner_that_may_not_renew_the_log_is_named_with_what_it_lacks() -> None:
    found = Residue(in_table=0, in_log=3, orphan=False, owner="caseledger_owner", may_renew_log=False)
    assert "the wrapped keys of 3 erased cases may still stand in the write-ahead log" in found.told
    assert "GRANT pg_checkpoint TO caseledger_owner" in found.told
