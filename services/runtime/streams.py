"""Answers without a known end, whose source is always closed: at its end, when the reader goes, when we stop.

They end with the key that they were asked with, too: what goes out is looked at again and again.

Litestar's own streaming may leave a generator suspended after a disconnect, its database connection with it.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, Final, cast

import msgspec
from litestar import Litestar, Request
from litestar.response import Stream
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

from services.runtime.identity.gate import refusal
from services.runtime.limits import client_of
from services.runtime.problems import Problem

PING_EVERY: Final = 15.0
SSE_PING: Final = b": ping\n\n"
STALLED: Final = 60.0
"""Seconds in which a reader takes what is sent: one that stands still would keep its place for ever."""
LOOK_EVERY: Final = 1.0
"""Seconds between two looks at whether who reads may still read; there is one before each chunk, too."""
LAST_WORD: Final = 5.0
"""Seconds in which a reader takes why there is no more."""
EVENT_STREAM: Final = "text/event-stream"


class ByteStream(Stream):
    """A streamed answer: `return ByteStream(chunks(), media_type="application/x-ndjson")`.

    Without `stop` the answer is finished even while the service stops, within its grace. With it, as for a
    live tail, the answer ends when `stop` is set. With `ping`, those bytes are sent after each `ping_every`
    seconds of silence. An error from `chunks` breaks the connection off, so that no reader takes a part for
    the whole. When who reads may read no more, the last that is sent is a problem: an event of that name, or
    a line; so each chunk is whole lines.
    """

    def __init__(  # noqa: PLR0913 - the properties of an answer, by keyword
        self,
        chunks: AsyncGenerator[bytes, None],
        *,
        media_type: str,
        headers: Mapping[str, str] | None = None,
        stop: asyncio.Event | None = None,
        ping: bytes = b"",
        ping_every: float = PING_EVERY,
    ) -> None:
        super().__init__(chunks, media_type=media_type, headers=dict(headers or {}))
        self._sending = _Sending(
            _with_pings(chunks, ping, ping_every) if ping else chunks,
            stop or asyncio.Event(),
            headers=dict(headers or {}),
            media_type=media_type,
        )

    def to_asgi_response(
        self,
        app: Litestar | None,  # noqa: ARG002 - Litestar's signature
        request: Request[Any, Any, Any],  # noqa: ARG002 - as above
        **options: Any,  # noqa: ARG002 - as above
    ) -> ASGIResponse:
        """Be a Litestar response; what the route declares of headers and type is for its documentation."""
        return self._sending


class _Sending(ASGIResponse):
    _should_set_content_length = False

    def __init__(
        self, chunks: AsyncGenerator[bytes, None], stop: asyncio.Event, *, media_type: str, **answer: Any
    ) -> None:
        super().__init__(media_type=media_type, **answer)
        self._refusal = b"event: problem\ndata: %b\n\n" if media_type == EVENT_STREAM else b"%b\n"
        self._chunks = chunks
        self._stop = stop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, having a place among the streams for as long as that takes."""
        self._scope = scope
        # Every application of this product is one that has places: see `requests`.
        with cast("Any", scope["litestar_app"]).places.one_of(client_of(scope)):
            await super().__call__(scope, receive, send)

    async def send_body(self, send: Send, receive: Receive) -> None:
        sending = asyncio.create_task(self._send_all(send))
        refused = asyncio.create_task(_until_refused(self._scope))
        ends = [asyncio.create_task(self._stop.wait()), asyncio.create_task(_until_gone(receive)), refused]
        try:
            await asyncio.wait([sending, *ends], return_when=asyncio.FIRST_COMPLETED)
            stopped = not sending.done() and ends[0].done()
        finally:
            await _cancel([sending, *ends])
        if not sending.cancelled():
            sending.result()
        elif not refused.cancelled():
            await self._refuse(send, refused.result())
        elif stopped:
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_all(self, send: Send) -> None:
        async with aclosing(self._chunks) as chunks:
            async for chunk in chunks:
                if problem := await refusal(self._scope):
                    await self._refuse(send, problem)
                    return
                async with asyncio.timeout(STALLED):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _refuse(self, send: Send, problem: Problem) -> None:
        said = msgspec.json.encode(problem.document())
        async with asyncio.timeout(LAST_WORD):
            await send({"type": "http.response.body", "body": self._refusal % said, "more_body": False})


async def _with_pings(
    chunks: AsyncGenerator[bytes, None], ping: bytes, every: float
) -> AsyncGenerator[bytes, None]:
    async with aclosing(chunks):
        following = asyncio.ensure_future(anext(chunks, None))
        try:
            while True:
                await asyncio.wait([following], timeout=every)
                if not following.done():
                    yield ping
                elif (chunk := following.result()) is None:
                    return
                else:
                    following = asyncio.ensure_future(anext(chunks, None))
                    yield chunk
        finally:
            await _cancel([following])


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _until_refused(scope: Scope) -> Problem:
    while (problem := await refusal(scope)) is None:  # noqa: ASYNC110 - no event tells of a token's end
        await asyncio.sleep(LOOK_EVERY)
    return problem


async def _cancel(tasks: list[asyncio.Task[Any]] | list[asyncio.Future[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
