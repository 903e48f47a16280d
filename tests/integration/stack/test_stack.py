"""The stack starts again what dies, at the time it has reached, and is alone on its data."""

import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

import asyncpg
import httpx
import pytest
import pytest_asyncio

from services.runtime.clock import text
from services.runtime.identity.bearer import bearer
from services.runtime.tls import authorities
from services.stack import clocks, databases
from services.stack.errors import StackError
from services.stack.layout import Layout, Record, is_held, running
from services.stack.service import SERVICES
from services.stack.settings import Settings
from services.stack.stack import Stack
from tests.support.backing import Database
from tests.support.processes import environment_of, parent_of
from tests.support.secrets import KEY_ENCRYPTION_KEY
from tests.support.until import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

OPENING = datetime(2017, 10, 2, 9, tzinfo=UTC)
LEFT = OPENING + timedelta(days=3)
SECRET = "of-the-stack-alone"


class Second(NamedTuple):
    """The second stack on a directory, and what it says."""

    stack: Stack
    said: list[str]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def left(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a stack that is down, with a table of its own and the clock at `LEFT`."""
    data = tmp_path_factory.mktemp("stack") / "data"
    async with stack_on(data) as stack:
        connection = await asyncpg.connect(stack.urls.database)
        await connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
        await connection.close()
        await clocks.advance(stack.urls, LEFT)
    return data


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def second(left: Path) -> AsyncIterator[Second]:
    """Another on that directory; the tests of this module share it, in their order."""
    said: list[str] = []
    with pytest.MonkeyPatch.context() as told:
        told.setenv("CASELEDGER_WEBHOOK_SECRET", SECRET)
        async with stack_on(left, said) as stack:
            yield Second(stack, said)


@asynccontextmanager
async def stack_on(
    data: Path, said: list[str] | None = None, clock: datetime = OPENING
) -> AsyncIterator[Stack]:
    settings = Settings(clock=text(clock), log_format="json")
    say = (said if said is not None else []).append
    async with Stack(Layout(data), settings, ports={}, say=say) as stack:
        yield stack


def record_of(stack: Stack) -> Record:
    record = running(stack.layout)
    assert record is not None
    return record


async def until_revived(stack: Stack, name: str, old: int) -> None:
    await until(lambda: record_of(stack).processes[name] != old)
    async with httpx.AsyncClient(
        headers=bearer(stack.urls.token), trust_env=False, verify=authorities()
    ) as client:
        for service in SERVICES:
            await until(partial(is_ready, client, getattr(stack.urls, service)))


async def is_ready(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(f"{url}/readyz")).is_success
    except httpx.HTTPError:
        return False


async def test_a_stack_that_is_down_holds_its_directory_no_longer(left: Path) -> None:
    assert not is_held(Layout(left))
    assert running(Layout(left)) is None


async def test_a_directory_has_one_stack(second: Second) -> None:
    with pytest.raises(StackError, match="already running"):
        await Stack(second.stack.layout, Settings(), ports={}).__aenter__()


async def test_a_directory_keeps_data_and_clock_for_the_next_stack(second: Second) -> None:
    stack = second.stack
    assert stack.clock == record_of(stack).clock == text(LEFT)
    assert (await clocks.read(stack.urls)).now == LEFT
    connection = await asyncpg.connect(stack.urls.database)
    assert await connection.fetchval("SELECT n FROM kept") == 7
    await connection.close()


@pytest.mark.skipif(sys.platform != "linux", reason="no environment of a process is seen elsewhere")
async def test_no_process_is_seen_to_have_a_secret_of_the_stacks_environment(second: Second) -> None:
    for name, pid in record_of(second.stack).processes.items():
        seen = environment_of(pid)
        assert b"PATH=" in seen, name
        assert b"CASELEDGER_" not in seen, name
        assert SECRET.encode() not in seen, name


async def test_what_is_killed_comes_back_alone_on_its_port_at_the_time_that_was_reached(
    second: Second,
) -> None:
    stack, said = second
    later = LEFT + timedelta(days=1)
    assert await clocks.advance(stack.urls, later) == later
    with pytest.raises(StackError, match="cannot go back"):
        await clocks.advance(stack.urls, LEFT)
    for name in ("ledger", "projector", "notifier", "postgres", "nats", "mail"):
        old = record_of(stack).processes[name]
        os.kill(old, signal.SIGKILL)
        await until_revived(stack, name, old)
    async with httpx.AsyncClient(
        headers=bearer(stack.urls.token), trust_env=False, verify=authorities()
    ) as client:
        for name in SERVICES:
            clock = (await client.get(f"{getattr(stack.urls, name)}/v1/clock")).json()
            assert clock["now"] == text(later), name
    assert [line.split()[0] for line in said] == [
        "ledger",
        "projector",
        "notifier",
        "Postgres",
        "NATS",
        "mail",
    ]
    assert all("was ended by SIGKILL" in line for line in said)


@pytest.mark.skipif(sys.platform != "linux", reason="services are forked on Linux only")
async def test_what_services_are_forked_from_may_be_killed_and_is_waited_for_no_more(second: Second) -> None:
    reached = (await clocks.read(second.stack.urls)).now
    old = record_of(second.stack).processes
    (parent,) = {parent_of(old[name]) for name in SERVICES}
    assert [name_of(old[name]) for name in SERVICES] == list(SERVICES)
    os.kill(parent, signal.SIGKILL)
    for name in SERVICES:
        await until_revived(second.stack, name, old[name])
        assert parent_of(record_of(second.stack).processes[name]) == os.getpid()
    assert (await clocks.read(second.stack.urls)).now == reached


def name_of(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text().strip()


async def test_a_configured_postgres_is_used_as_each_services_role_and_real_time_is_not_moved(
    database: Database, tmp_path: Path
) -> None:
    settings = Settings(database_url=database.url, log_format="json", key_encryption_key=KEY_ENCRYPTION_KEY)
    async with Stack(Layout(tmp_path / "data"), settings, ports={}) as stack:
        assert stack.urls.database == database.url
        assert "postgres" not in record_of(stack).processes
        with pytest.raises(StackError, match="real clock"):
            await clocks.advance(stack.urls, OPENING)
    connection = await asyncpg.connect(databases.take_role(database.url, "caseledger_ledger"))
    assert await connection.fetchval("SELECT current_user") == "caseledger_ledger"
    await connection.close()
