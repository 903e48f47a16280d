"""The follower: every document after a position, in order, none twice, none left out, whatever breaks."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
import structlog
from litestar import get
from litestar.params import FromQuery
from nats.aio.client import Client
from nats.js.api import StreamConfig

from services.runtime import nats, problems, web
from services.runtime.client import LedgerClient
from services.runtime.follow import STREAM, Batch, Follower
from services.runtime.problems import Problem
from services.runtime.streams import ByteStream
from services.stack.nats import Nats
from tests.support import faults
from tests.support.open_app import open_app
from tests.support.until import until


class Ledger:
    """What a ledger holds, served over HTTP, and published by hand."""

    def __init__(self) -> None:
        self.documents: list[bytes] = []
        self.away = False
        self.reads: list[int] = []

    def append(self, count: int) -> None:
        position = len(self.documents)
        self.documents += [
            b'{"position": %d,"data":{}}' % n for n in range(position + 1, position + count + 1)
        ]

    async def lines(self, after: int, limit: int | None) -> AsyncGenerator[bytes, None]:
        for document in self.documents[after:][:limit]:
            yield document + b"\n"

    def app(self) -> Any:
        @get("/v1/events")
        async def read_events(after: FromQuery[int], limit: FromQuery[int | None] = None) -> ByteStream:
            self.reads.append(after)
            if self.away:
                raise Problem(problems.UNAVAILABLE)
            return ByteStream(self.lines(after, limit), media_type="application/x-ndjson")

        return open_app("ledger", read_events)


class Bench:
    """A ledger, a broker and a follower of both."""

    def __init__(self, ledger: Ledger, client: Client, http: LedgerClient) -> None:
        self.ledger = ledger
        self.client = client
        self.follower = Follower(client, http)
        self.jetstream = client.jetstream()

    async def create_stream(self, first: int = 1) -> None:
        await self.jetstream.add_stream(
            StreamConfig(name=STREAM, subjects=["case.>"], allow_direct=True, first_seq=first)
        )

    async def publish(self, first: int, last: int) -> None:
        for position in range(first, last + 1):
            document = self.ledger.documents[position - 1]
            ack = await self.jetstream.publish(f"case.c{position % 3}.PlanMade", document)
            assert ack.seq == position
        await self.client.publish(nats.PUBLISHED, b"%d" % last)

    async def tell(self, count: int) -> None:
        """Append and publish."""
        first = len(self.ledger.documents) + 1
        self.ledger.append(count)
        await self.publish(first, first + count - 1)


class Reader:
    """Reads a follower's batches, and checks each against the ledger."""

    def __init__(self, bench: Bench, after: int = 0, most: int = 500) -> None:
        self._bench = bench
        self._batches = bench.follower.batches(after, most=most)
        self.position = after
        self.sizes: list[int] = []

    async def until(self, position: int) -> None:
        async with asyncio.timeout(20):
            while self.position < position:
                self._check(await anext(self._batches))

    def _check(self, batch: Batch) -> None:
        self.sizes.append(len(batch))
        for position, document in batch:
            assert position == self.position + 1
            assert document == self._bench.ledger.documents[position - 1]
            self.position = position

    async def close(self) -> None:
        await self._batches.aclose()


@asynccontextmanager
async def bench_on(url: str) -> AsyncIterator[Bench]:
    ledger = Ledger()
    with structlog.testing.capture_logs():
        async with (
            nats.connection(url, name="probe") as client,
            web.serve(ledger.app(), "127.0.0.1", 0) as ledger_url,
            LedgerClient(ledger_url, source="/probe") as http,
        ):
            yield Bench(ledger, client, http)


@pytest_asyncio.fixture
async def bench(bus: str) -> AsyncIterator[Bench]:
    async with bench_on(bus) as made:
        yield made


@pytest_asyncio.fixture
async def fragile(own_nats: Nats) -> AsyncIterator[Bench]:
    async with bench_on(own_nats.url) as made:
        yield made


async def test_it_reads_the_stream_from_the_next_position(bench: Bench) -> None:
    await bench.create_stream()
    await bench.tell(20)
    reader = Reader(bench, after=7, most=5)
    await reader.until(20)
    assert max(reader.sizes) == 5
    assert bench.follower.source == "stream"
    assert bench.ledger.reads == [19]  # whether the stream's last message is the ledger's
    await bench.tell(3)
    await reader.until(23)
    await reader.close()


async def test_it_wakes_within_20_milliseconds_of_a_publish(bench: Bench) -> None:
    await bench.create_stream()
    await bench.tell(1)
    reader, waits = Reader(bench), []
    await reader.until(1)
    for position in range(2, 32):
        waiting = asyncio.create_task(reader.until(position))
        await asyncio.sleep(0)
        began = time.perf_counter()
        await bench.tell(1)
        await waiting
        waits.append(time.perf_counter() - began)
    assert sorted(waits)[15] < 0.02
    await reader.close()


async def test_an_empty_stream_is_asked_again_though_nobody_says_that_there_is_more(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.runtime.pull.QUIET", 0.25)
    await bench.create_stream()
    reader = Reader(bench)
    waiting = asyncio.create_task(reader.until(1))
    await until(lambda: bench.follower.source == "stream")
    bench.ledger.append(1)
    await bench.jetstream.publish("case.c1.PlanMade", bench.ledger.documents[0])
    await waiting
    assert bench.follower.source == "stream"
    assert bench.ledger.reads == [0]  # what nobody said is held against the ledger
    await reader.close()


async def test_documents_come_in_answers_of_a_bounded_size(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.runtime.holdings.AT_ONCE", 500)
    await bench.create_stream()
    await bench.tell(100)
    reader = Reader(bench)
    await reader.until(100)
    assert max(reader.sizes) < 50
    assert bench.follower.source == "stream"
    await reader.close()


async def test_a_missing_stream_is_made_up_for_by_the_ledger(bench: Bench) -> None:
    bench.ledger.append(12)
    reader = Reader(bench, most=5)
    await reader.until(12)
    assert bench.follower.source == "ledger"
    await bench.create_stream()
    await bench.publish(1, 12)
    await bench.tell(4)
    await reader.until(16)
    await reader.close()


async def test_a_gap_that_the_stream_no_longer_has_is_read_from_the_ledger(bench: Bench) -> None:
    await bench.create_stream(first=51)
    bench.ledger.append(60)
    await bench.publish(51, 60)
    reader = Reader(bench, after=3)
    await reader.until(60)
    assert bench.ledger.reads.count(3) == 1
    await bench.tell(5)
    await reader.until(65)
    assert bench.follower.source == "stream"
    await reader.close()


async def test_a_hole_in_the_stream_is_read_from_the_ledger(bench: Bench) -> None:
    await bench.create_stream()
    await bench.tell(10)
    for position in (4, 5, 10):
        await bench.jetstream.delete_msg(STREAM, position)
    reader = Reader(bench)
    await reader.until(9)
    await bench.tell(2)
    await reader.until(12)
    await reader.close()


async def test_a_stream_that_lost_its_tail_is_waited_for_until_it_is_refilled(bench: Bench) -> None:
    await bench.create_stream()
    await bench.tell(10)
    reader = Reader(bench)
    await reader.until(10)
    await bench.jetstream.delete_stream(STREAM)
    await bench.create_stream()
    await bench.publish(1, 6)
    waiting = asyncio.create_task(reader.until(13))
    await bench.publish(7, 10)
    await bench.tell(3)
    await waiting
    await reader.close()


async def test_a_stream_recreated_at_a_later_first_sequence_is_followed(bench: Bench) -> None:
    await bench.create_stream()
    await bench.tell(10)
    reader = Reader(bench)
    await reader.until(10)
    await bench.jetstream.delete_stream(STREAM)
    bench.ledger.append(5)
    await bench.create_stream(first=14)
    await bench.publish(14, 15)
    await reader.until(15)
    await bench.tell(5)
    await reader.until(20)
    await reader.close()


async def test_a_stream_that_holds_something_else_is_not_believed(bench: Bench) -> None:
    await bench.create_stream()
    bench.ledger.append(3)
    for _ in range(3):
        await bench.jetstream.publish("case.c1.PlanMade", b'{"position": 9,"data":{}}')
    reader = Reader(bench)
    await reader.until(3)
    assert bench.follower.source == "ledger"
    await reader.close()


async def test_a_message_that_is_put_onto_the_stream_with_the_next_position_is_not_believed(
    bench: Bench,
) -> None:
    await bench.create_stream()
    await bench.tell(2)
    reader = Reader(bench)
    await reader.until(2)
    sources = [bench.follower.source]
    await bench.jetstream.publish("case.c1.PlanMade", b'{"position": 3,"data":{"forged":true}}')
    waiting = asyncio.create_task(reader.until(4))
    await until(lambda: bench.follower.source == "ledger")
    bench.ledger.append(2)
    await waiting
    assert [*sources, bench.follower.source] == ["stream", "ledger"]
    await reader.close()


async def test_what_a_restored_ledger_no_longer_has_is_not_read_from_the_stream(bench: Bench) -> None:
    await bench.create_stream()
    await bench.tell(10)
    del bench.ledger.documents[7:]
    reader = Reader(bench, after=5)
    await reader.until(7)
    assert bench.follower.source == "ledger"
    bench.ledger.documents += [b'{"position": %d,"data":"anew"}' % n for n in range(8, 13)]
    await reader.until(12)
    assert bench.follower.source == "ledger"
    await bench.jetstream.delete_stream(STREAM)
    await bench.create_stream()
    await bench.publish(1, 12)
    waiting = asyncio.create_task(reader.until(15))
    await until(lambda: bench.follower.source == "stream")
    await bench.tell(3)
    await waiting
    await reader.close()


async def test_a_stream_is_not_believed_before_the_ledger_answers(bench: Bench) -> None:
    await bench.create_stream()
    await bench.tell(3)
    bench.ledger.away = True
    reader = Reader(bench)
    waiting = asyncio.create_task(reader.until(3))
    await until(lambda: len(bench.ledger.reads) > 2 and bench.follower.source == "nowhere")
    bench.ledger.away = False
    await waiting
    await reader.close()


async def test_it_has_no_consumer_that_anybody_could_take(bench: Bench) -> None:
    await bench.create_stream()
    await bench.tell(2)
    reader = Reader(bench)
    await reader.until(2)
    assert bench.follower.source == "stream"
    assert await bench.jetstream.consumers_info(STREAM) == []
    await reader.close()


async def test_it_follows_the_ledger_while_nats_is_away_and_the_stream_again_after(
    fragile: Bench, own_nats: Nats
) -> None:
    await fragile.create_stream()
    await fragile.tell(5)
    reader = Reader(fragile, most=3)
    await reader.until(5)
    await faults.kill(own_nats)
    fragile.ledger.append(5)
    await reader.until(10)
    assert fragile.follower.source == "ledger"
    await faults.restart(own_nats)
    waiting = asyncio.create_task(reader.until(13))
    await until(lambda: fragile.client.is_connected)
    await fragile.publish(6, 10)
    await fragile.tell(3)
    await waiting
    waiting = asyncio.create_task(reader.until(20))
    await until(lambda: fragile.follower.source == "stream")
    await fragile.tell(7)
    await waiting
    await reader.close()


async def test_a_broker_that_freezes_is_noticed_by_its_silence(fragile: Bench, own_nats: Nats) -> None:
    await fragile.create_stream()
    await fragile.tell(5)
    reader = Reader(fragile)
    await reader.until(5)
    with faults.paused(own_nats):
        fragile.ledger.append(5)
        await reader.until(10)
    await fragile.publish(6, 10)
    await fragile.tell(5)
    await reader.until(15)
    await reader.close()


async def test_it_survives_the_absence_of_both(fragile: Bench, own_nats: Nats) -> None:
    await fragile.create_stream()
    await fragile.tell(5)
    reader = Reader(fragile)
    await reader.until(5)
    fragile.ledger.away = True
    await faults.kill(own_nats)
    fragile.ledger.append(5)
    waiting = asyncio.create_task(reader.until(10))
    await until(lambda: fragile.follower.source == "nowhere")
    fragile.ledger.away = False
    await waiting
    await reader.close()


async def test_a_long_history_is_followed_while_it_grows(bench: Bench) -> None:
    await bench.create_stream()
    await bench.tell(300)
    reader = Reader(bench, most=50)
    waiting = asyncio.create_task(reader.until(600))
    await bench.tell(300)
    await waiting
    assert len(bench.ledger.reads) == 1
    await reader.close()
