"""Streamed answers: always closed at their source, ended by a stop, kept alive by pings."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack
from typing import Self

import httpx
import pytest
from litestar import get

from services.domain.policy import Action
from services.domain.principal import Role
from services.runtime import streams, web
from services.runtime.clock import SystemClock
from services.runtime.identity import token
from services.runtime.identity.authentication import Bearers
from services.runtime.identity.bearer import bearer
from services.runtime.identity.credential import Credential
from services.runtime.identity.registry import Registry
from services.runtime.streams import SSE_PING, ByteStream
from services.runtime.tls import authorities
from tests.support.open_app import open_app


class Source:
    """Chunks that a test hands out one by one; tells when it was closed."""

    def __init__(self) -> None:
        self.chunks: asyncio.Queue[bytes | Exception | None] = asyncio.Queue()
        self.closed = asyncio.Event()

    async def __call__(self) -> AsyncGenerator[bytes, None]:
        try:
            while (chunk := await self.chunks.get()) is not None:
                if isinstance(chunk, Exception):
                    raise chunk
                yield chunk
        finally:
            await asyncio.sleep(0)  # a clean-up that awaits, as giving back a connection does
            self.closed.set()


Make = Callable[[Source, asyncio.Event], ByteStream]


class Tail:
    """A service with one stream, and a reader of it."""

    def __init__(self, make: Make) -> None:
        self.source, self.stop = Source(), asyncio.Event()
        self._make = make
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        @get("/tail")
        async def read_tail() -> ByteStream:
            return self._make(self.source, self.stop)

        app = open_app("probe", read_tail, stop=self.stop)
        self._server = AsyncExitStack()
        url = await self._server.enter_async_context(web.serve(app, "127.0.0.1", 0))
        self._client = await self._stack.enter_async_context(
            httpx.AsyncClient(base_url=url, verify=authorities())
        )
        self.answer = await self._stack.enter_async_context(self._client.stream("GET", "/tail"))
        self.read = self.answer.aiter_raw()
        return self

    async def stop_serving(self) -> None:
        await self._server.aclose()

    async def hang_up(self) -> None:
        await self._stack.aclose()

    async def __aexit__(self, *_: object) -> None:
        self.source.chunks.put_nowait(None)
        await self._stack.aclose()
        await self._server.aclose()


def live(source: Source, stop: asyncio.Event) -> ByteStream:
    return ByteStream(source(), media_type="text/event-stream", stop=stop)


def finite(source: Source, _stop: asyncio.Event) -> ByteStream:
    return ByteStream(source(), media_type="application/x-ndjson", headers={"X-Head": "7"})


def pinged(source: Source, stop: asyncio.Event) -> ByteStream:
    return ByteStream(source(), media_type="text/event-stream", stop=stop, ping=SSE_PING, ping_every=0.01)


async def test_chunks_are_sent_as_they_come() -> None:
    async with Tail(finite) as tail:
        assert tail.answer.headers["content-type"] == "application/x-ndjson"
        assert tail.answer.headers["x-head"] == "7"
        assert tail.answer.headers["x-request-id"]
        for chunk in (b"one", b"two"):
            tail.source.chunks.put_nowait(chunk)
            assert await anext(tail.read) == chunk
        tail.source.chunks.put_nowait(None)
        assert await anext(tail.read, b"end") == b"end"


@pytest.mark.parametrize("make", [live, finite, pinged])
async def test_the_source_is_closed_when_the_reader_goes(make: Make) -> None:
    async with Tail(make) as tail, asyncio.timeout(5):
        tail.source.chunks.put_nowait(b"one")
        await anext(tail.read)
        await tail.hang_up()
        await tail.source.closed.wait()


@pytest.mark.parametrize("make", [live, pinged])
async def test_a_live_tail_ends_when_the_service_stops(make: Make) -> None:
    async with Tail(make) as tail, asyncio.timeout(5):
        tail.source.chunks.put_nowait(b"one")
        await anext(tail.read)
        await tail.stop_serving()
        assert [chunk async for chunk in tail.read if chunk != SSE_PING] == []
        assert tail.source.closed.is_set()


async def test_a_finite_answer_is_finished_while_the_service_stops() -> None:
    async with Tail(finite) as tail, asyncio.timeout(5):
        stopping = asyncio.create_task(tail.stop_serving())
        await tail.stop.wait()
        tail.source.chunks.put_nowait(b"last")
        tail.source.chunks.put_nowait(None)
        assert [chunk async for chunk in tail.read] == [b"last"]
        await stopping


async def test_silence_is_broken_by_pings_and_loses_no_chunk() -> None:
    async with Tail(pinged) as tail, asyncio.timeout(5):
        assert await anext(tail.read) == SSE_PING
        tail.source.chunks.put_nowait(b"one")
        assert b"one" in [chunk async for chunk in _until(tail, b"one")]


async def test_an_error_breaks_the_answer_off_instead_of_ending_it() -> None:
    async with Tail(finite) as tail, asyncio.timeout(5):
        tail.source.chunks.put_nowait(b"one")
        await anext(tail.read)
        tail.source.chunks.put_nowait(RuntimeError("the database went away"))
        with pytest.raises(httpx.RemoteProtocolError):
            await anext(tail.read)


async def _until(tail: Tail, last: bytes) -> AsyncGenerator[bytes, None]:
    async for chunk in tail.read:
        yield chunk
        if chunk == last:
            return


SECRET = token.make("auditor")


@pytest.mark.parametrize(
    ("media_type", "before", "mark"),
    [
        ("text/event-stream", b"data: 1\n\n", b"event: problem\ndata: "),
        ("application/x-ndjson", b"{}\n", b""),
    ],
)
@pytest.mark.parametrize("idle", [True, False], ids=["while nothing comes", "when the next comes"])
async def test_a_stream_ends_with_its_key_and_says_so(
    media_type: str, before: bytes, mark: bytes, monkeypatch: pytest.MonkeyPatch, *, idle: bool
) -> None:
    monkeypatch.setattr(streams, "LOOK_EVERY", 0.01 if idle else 60.0)
    source, registry = Source(), Registry([], SystemClock())
    role = frozenset({Role.AUDITOR})
    registry.follow(
        [Credential(key_id="auditor", sha256=token.digest_of(SECRET), client="auditor", roles=role)]
    )

    @get("/tail", opt={"action": Action.REPLAY})
    async def read_tail() -> ByteStream:
        return ByteStream(source(), media_type=media_type)

    app = web.create_app("probe", routes=[read_tail], authentication=Bearers(registry))
    async with (
        asyncio.timeout(5),
        web.serve(app, "127.0.0.1", 0) as url,
        httpx.AsyncClient(base_url=url, headers=bearer(SECRET)) as client,
        client.stream("GET", "/tail") as answer,
    ):
        read = answer.aiter_raw()
        source.chunks.put_nowait(before)
        assert await anext(read) == before
        registry.follow([])
        if not idle:
            source.chunks.put_nowait(before)
        last = b"".join([chunk async for chunk in read])
        assert last.startswith(mark + b'{"type":"urn:caseledger:problem:unauthenticated"')
        assert last.endswith(b"\n" if mark == b"" else b"\n\n")
        assert source.closed.is_set()
