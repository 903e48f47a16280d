"""The live tail: what is committed comes at once, resumes where it broke off, and leaves nothing behind."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import httpx
import pytest

from services.ledger import service
from services.ledger.settings import Settings
from services.runtime.tls import authorities
from tests.integration.ledger import ledgers
from tests.integration.ledger.ledgers import TAIL, Ledger, connection, contact
from tests.support.secrets import KEY_ENCRYPTION_KEY
from tests.support.until import until


async def events(answer: httpx.Response) -> AsyncGenerator[tuple[int, bytes], None]:
    """The server-sent events of an answer: ids and data."""
    number = 0
    async for line in answer.aiter_lines():
        if line.startswith("id: "):
            number = int(line[4:])
        elif line.startswith("data: "):
            yield number, line[6:].encode()


async def test_what_is_there_comes_first_and_then_what_is_appended(ledger: Ledger) -> None:
    await ledger.post("case-1", contact(1))
    async with (
        asyncio.timeout(10),
        ledger.http.stream("GET", "/v1/events", headers=TAIL) as answer,
        aclosing(events(answer)) as found,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert (await anext(found))[0] == 1
        await ledger.post("case-1", contact(2))
        second = await anext(found)
    assert second == (2, (await ledger.lines())[1])


@pytest.mark.parametrize(("query", "headers"), [("?after=2", {}), ("?after=0", {"Last-Event-ID": "2"})])
async def test_a_tail_resumes_after_the_last_event_it_gave(
    ledger: Ledger, query: str, headers: dict[str, str]
) -> None:
    await ledger.post("case-1", *(contact(n) for n in range(4)))
    async with (
        asyncio.timeout(10),
        ledger.http.stream("GET", f"/v1/events{query}", headers=TAIL | headers) as answer,
        aclosing(events(answer)) as found,
    ):
        assert [(await anext(found))[0], (await anext(found))[0]] == [3, 4]


async def test_a_last_event_id_that_is_no_position_is_a_fault(ledger: Ledger) -> None:
    answer = await ledger.http.get("/v1/events", headers=TAIL | {"Last-Event-ID": "x"})
    assert answer.status_code == 400
    assert answer.json()["faults"][0]["parameter"] == "Last-Event-ID"


async def test_what_another_ledger_appends_is_told_too(ledger: Ledger, bus: str) -> None:
    async with (
        asyncio.timeout(20),
        ledgers.ledger(ledger.owner_url, bus) as other,
        ledger.http.stream("GET", "/v1/events", headers=TAIL) as answer,
        aclosing(events(answer)) as found,
    ):
        await other.post("case-1", contact())
        assert (await anext(found))[0] == 1


async def test_tails_that_were_left_hold_no_connection(ledger: Ledger) -> None:
    for _ in range(30):
        async with ledger.http.stream("GET", "/v1/events", headers=TAIL) as answer:
            await anext(answer.aiter_lines())
    async with connection(ledger.owner_url) as owner:

        async def idle() -> bool:
            asked = "SELECT count(*) FROM pg_stat_activity WHERE usename = $1 AND state <> 'idle'"
            return bool(await owner.fetchval(asked, ledgers.ROLE) == 0)

        await until(idle)
    assert (await ledger.post("case-1", contact())).status_code == 201


async def test_a_replay_that_was_left_gives_its_connection_back(ledger: Ledger) -> None:
    await ledger.post("case-1", *(contact(n) for n in range(2_000)))
    for _ in range(10):
        async with ledger.http.stream("GET", "/v1/events") as answer:
            await anext(answer.aiter_bytes())
    assert len(await ledger.lines()) == 2_000


async def test_a_tail_ends_when_the_service_stops(migrated: str, bus: str) -> None:
    settings = Settings(
        authentication="off",
        database_url=ledgers.as_ledger(migrated),
        nats_url=bus,
        port=0,
        key_encryption_key=KEY_ENCRYPTION_KEY,
    )
    async with (
        asyncio.timeout(10),
        httpx.AsyncClient(trust_env=False, verify=authorities()) as http,
        asyncio.TaskGroup() as tasks,
    ):
        reading = asyncio.Event()

        async def read(url: str) -> None:
            async with http.stream("GET", f"{url}/v1/events", headers=TAIL) as answer:
                async for _ in answer.aiter_lines():
                    reading.set()

        async with service.serve(settings) as url:
            tasks.create_task(read(url))
            await reading.wait()
