"""Postgres: waited for, bounded afterwards, led by one."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest
import structlog

from services.runtime import postgres
from services.runtime.health import Checkup, of_postgres
from services.runtime.leadership import Leadership, LeadershipLost
from services.stack.postgres import Postgres
from tests.support import faults
from tests.support.backing import Database
from tests.support.until import until


async def test_a_pool_names_its_application_and_bounds_its_statements(database: Database) -> None:
    async with await postgres.connect_pool(
        database.url, application_name="probe", statement_timeout=0.05
    ) as pool:
        assert await pool.fetchval("SHOW application_name") == "probe"
        assert await pool.fetchval("SHOW idle_in_transaction_session_timeout") == "10s"
        with pytest.raises((asyncpg.QueryCanceledError, TimeoutError)):
            await pool.fetchval("SELECT pg_sleep(30)")
        assert await pool.fetchval("SELECT 1") == 1


async def test_a_pool_that_resets_undoes_what_was_set_and_every_pool_rolls_back(database: Database) -> None:
    async with (
        await postgres.connect_pool(database.url, application_name="kept", max_size=1) as kept,
        await postgres.connect_pool(database.url, application_name="reset", max_size=1, resets=True) as reset,
    ):
        for pool, left in ((kept, "mine"), (reset, "")):
            await pool.execute("SELECT set_config('probe.setting', 'mine', false)")
            assert await pool.fetchval("SELECT current_setting('probe.setting', true)") == left
            async with pool.acquire() as connection:
                await connection.execute("BEGIN")
            async with pool.acquire() as connection:
                assert not connection.is_in_transaction()


async def test_what_an_array_is_made_of_is_asked_once_and_not_on_every_connection(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres._Connection, "_known", {})
    asked: list[int] = []
    for _ in range(2):
        connection = await postgres.connect(database.url, application_name="probe")
        queries: list[str] = []
        connection.add_query_logger(lambda record, queries=queries: queries.append(record.query))
        moments = [datetime(2017, 10, 2, 8, tzinfo=UTC)]
        assert await connection.fetchval("SELECT $1::timestamptz[]", moments) == moments
        asked.append(sum("typeinfo" in query for query in queries))
        await connection.close()
    assert asked == [1, 0]


async def test_the_types_of_one_database_are_not_taken_for_those_of_another(database: Database) -> None:
    await _shade(database, "CREATE TYPE shade AS ENUM ('light', 'dark')", "light")
    await _shade(database, "DROP TYPE shade; CREATE TYPE shade AS (depth integer)", (1,))


async def _shade(database: Database, made: str, one: object) -> None:
    connection = await postgres.connect(database.url, application_name="probe")
    await connection.execute(made)
    assert await connection.fetchval("SELECT $1::shade[]", [one]) == [one]
    await connection.close()


@pytest.mark.parametrize("url", ["nonsense", "http://127.0.0.1:5432/caseledger"])
async def test_a_url_that_is_none_of_postgres_is_refused_at_once(url: str) -> None:
    async with asyncio.timeout(5):
        with pytest.raises(asyncpg.ClientConfigurationError):
            await postgres.connect(url, application_name="probe")


async def test_a_transaction_left_idle_is_ended(database: Database) -> None:
    connection = await postgres.connect(
        database.url, application_name="probe", idle_in_transaction_timeout=0.05
    )
    ended = asyncio.Event()
    connection.add_termination_listener(lambda _: ended.set())
    await connection.execute("BEGIN")
    async with asyncio.timeout(10):
        await ended.wait()


async def test_an_absent_server_is_waited_for_with_a_line_in_the_log(own_postgres: Postgres) -> None:
    await faults.kill(own_postgres)
    with structlog.testing.capture_logs() as lines:
        connecting = asyncio.create_task(postgres.connect(own_postgres.url, application_name="probe"))
        await until(lambda: bool(lines))
        await faults.restart(own_postgres)
        connection = await connecting
    assert await connection.fetchval("SELECT 1") == 1
    await connection.close()
    assert lines[0]["event"] == "postgres.waiting"
    assert lines[0]["server"] == f"127.0.0.1:{own_postgres.port}"


async def test_what_waiting_cannot_mend_is_an_error_at_once(database: Database) -> None:
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await postgres.connect(database.beside("no_such_database").url, application_name="probe")


async def test_a_pool_serves_again_after_a_crash(own_postgres: Postgres) -> None:
    pool = await postgres.connect_pool(own_postgres.url, application_name="probe")

    async def well() -> bool:
        return (await Checkup({"postgres": of_postgres(pool)}).report())["postgres"].ok

    assert await well()
    await faults.kill(own_postgres)
    assert not await well()
    await faults.restart(own_postgres)
    await until(well)
    pool.terminate()


def test_sql_is_read_by_the_stem_of_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "some_statements"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "read_all.sql").write_text("SELECT 1")
    (package / "notes.txt").write_text("nothing")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert dict(postgres.load_sql("some_statements")) == {"read_all": "SELECT 1"}


def test_a_server_is_named_without_its_password() -> None:
    assert postgres.server_of("postgresql://ann:secret@db.example:5432/x") == "db.example:5432"


def lead(database: Database | Postgres, key: str = "relay") -> Leadership:
    return Leadership(database.url, key, application_name="probe")


async def test_only_one_leads_and_another_takes_over(database: Database) -> None:
    order = []

    async def stand(name: str, until: asyncio.Event) -> None:
        async with lead(database):
            order.append(f"{name} leads")
            await until.wait()
            order.append(f"{name} gives up")

    first_until, second_until = asyncio.Event(), asyncio.Event()
    second_until.set()
    first = asyncio.create_task(stand("first", first_until))
    await until(lambda: bool(order))
    second = asyncio.create_task(stand("second", second_until))
    async with lead(database, "sealer"):
        first_until.set()
    await asyncio.gather(first, second)
    assert order == ["first leads", "first gives up", "second leads", "second gives up"]


async def test_a_leader_whose_session_is_ended_is_told(database: Database) -> None:
    admin = await postgres.connect(database.url, application_name="admin")
    leading = lead(database)
    reached = []

    async def body() -> None:
        async with leading:
            await admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database ="
                " (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
            await asyncio.Event().wait()
            reached.append("beyond")

    async with asyncio.timeout(10):
        with pytest.raises(LeadershipLost):
            await body()
    assert leading.lost
    assert reached == []
    await admin.close()


async def test_a_leader_whose_server_freezes_is_told(
    own_postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.runtime.leadership.HEARTBEAT", 0.2)

    async def body() -> None:
        async with lead(own_postgres):
            faults.pause(own_postgres)
            await asyncio.Event().wait()

    async with asyncio.timeout(20):
        with pytest.raises(LeadershipLost):
            await body()
    faults.resume(own_postgres)


async def test_a_cancelled_leader_is_cancelled_and_frees_the_lock(database: Database) -> None:
    leads = asyncio.Event()

    async def body() -> None:
        async with lead(database):
            leads.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(body())
    await leads.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(5), lead(database):
        pass


async def test_a_leader_that_meets_an_error_while_it_is_cancelled_is_cancelled_all_the_same(
    database: Database,
) -> None:
    leads = asyncio.Event()

    async def body() -> None:
        async with lead(database):
            try:
                leads.set()
                await asyncio.Event().wait()
            finally:
                raise asyncpg.InterfaceError("connection is closed")  # as a rollback has it

    task = asyncio.create_task(body())
    await leads.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
