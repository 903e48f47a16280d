"""The way to the ledger, on which a notifier may be struck dead before a request arrives, or after it did."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Literal
from urllib.parse import urlsplit

Blow = Callable[[], Awaitable[None]]


class Crossing:
    """Passes requests to a ledger and answers back, until one holds the marker that it is to strike at."""

    def __init__(self, ledger_url: str) -> None:
        self._to = urlsplit(ledger_url)
        self._marker = b""
        self._when: Literal["before", "after"] = "before"
        self._blow: Blow | None = None
        self.struck = asyncio.Event()

    @property
    def url(self) -> str:
        """The ledger by way of this crossing."""
        host, port = self._server.sockets[0].getsockname()[:2]
        return f"http://{host}:{port}"

    def strike(self, when: Literal["before", "after"], marker: bytes, blow: Blow) -> None:
        """Deal the blow, once, at a request with `marker`: before it arrives, or when it was answered."""
        self._when, self._marker, self._blow = when, marker, blow
        self.struck.clear()

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator["Crossing"]:
        """The crossing, while the body runs."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        try:
            yield self
        finally:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self._to.hostname, self._to.port)
        marked = asyncio.Event()
        passing = [
            asyncio.create_task(self._pass_requests(reader, back, marked)),
            asyncio.create_task(self._pass_answers(there, writer, marked)),
        ]
        try:
            await asyncio.wait(passing, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in passing:
                each.cancel()
            await asyncio.gather(*passing, return_exceptions=True)
            writer.transport.abort()
            back.transport.abort()

    async def _pass_requests(
        self, source: asyncio.StreamReader, to: asyncio.StreamWriter, marked: asyncio.Event
    ) -> None:
        while chunk := await source.read(1_000_000):
            if self._blow and self._marker in chunk:
                if self._when == "before":
                    return await self._strike(self._blow)
                marked.set()
            to.write(chunk)
            await to.drain()
        return None

    async def _pass_answers(
        self, source: asyncio.StreamReader, to: asyncio.StreamWriter, marked: asyncio.Event
    ) -> None:
        while chunk := await source.read(1_000_000):
            if self._blow and marked.is_set():
                return await self._strike(self._blow)
            to.write(chunk)
            await to.drain()
        return None

    async def _strike(self, blow: Blow) -> None:
        self._blow = None
        self._striking = asyncio.create_task(self._deal(blow))
        # Whoever is struck hangs up, which cancels us, but not the blow.
        await asyncio.shield(self._striking)

    async def _deal(self, blow: Blow) -> None:
        await blow()
        self.struck.set()
