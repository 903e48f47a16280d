"""The way to a database, where an answer may be cut off after it took effect, or never given."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit


class Wire:
    """Passes bytes to a database and back; `lose_answer(marker)` breaks off instead of passing that on."""

    def __init__(self, url: str) -> None:
        self._to = urlsplit(url)
        self._lost = b""
        self._writers: set[asyncio.StreamWriter] = set()
        self.losing = asyncio.Event()

    @property
    def url(self) -> str:
        """The same database by way of this wire."""
        host, port = self._server.sockets[0].getsockname()[:2]
        return urlunsplit(self._to._replace(netloc=f"{self._to.username}@{host}:{port}"))

    def lose_answer(self, marker: bytes) -> None:
        """Break off the connection that would next be answered with `marker`, once."""
        self._lost = marker
        self.losing.clear()

    @contextlib.asynccontextmanager
    async def laid(self) -> AsyncIterator["Wire"]:
        """The wire, while the body runs."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        try:
            yield self
        finally:
            self._server.close()
            for writer in list(self._writers):
                writer.transport.abort()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self._to.hostname, self._to.port)
        self._writers |= {writer, back}
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._pass(reader, back, answers=False))
                tasks.create_task(self._pass(there, writer, answers=True))
        finally:
            for each in (writer, back):
                self._writers.discard(each)
                each.transport.abort()

    async def _pass(self, source: asyncio.StreamReader, to: asyncio.StreamWriter, *, answers: bool) -> None:
        with contextlib.suppress(OSError):
            while chunk := await source.read(65_536):
                if answers and self._lost and self._lost in chunk:
                    self._lost = b""
                    self.losing.set()
                    break
                to.write(chunk)
                await to.drain()
        for each in list(self._writers):
            if each is to:
                each.transport.abort()
