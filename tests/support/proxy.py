"""A TCP proxy that does on purpose what networks do by accident: cut, keep silent, halve, delay.

A trap is set for the next connection on which a client sends its mark. It springs once, and tells when.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Literal, Self

from services.stack.ports import LOOPBACK, free_port

Moment = Literal["before effect", "before answer", "within request", "within answer"]

_CHUNK = 65_536
_LONGEST_MARK = 64


class _Cut(Exception):
    """A trap sprang: nothing more passes on this connection, in either direction."""


@dataclass(eq=False)
class Trap:
    """What is to happen to whoever sends `mark`; `await trap.sprung.wait()` returns when it has."""

    mark: bytes
    moment: Moment
    silent: bool
    sprung: asyncio.Event = field(default_factory=asyncio.Event)


class Proxy:
    """`async with Proxy(port) as proxy:` listens on `proxy.port` and connects whoever comes to `port`.

    `latency` is how many seconds each chunk takes on its way; it may be set at any time.
    """

    def __init__(self, target: int) -> None:
        self.port = free_port()
        self.latency = 0.0
        self._target = target
        self._traps: list[Trap] = []
        self._running: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Take connections."""
        self._server = await asyncio.start_server(self._accept, LOOPBACK, self.port)

    async def close(self) -> None:
        """Cut every connection, and take none until it is opened again."""
        if self._server is not None:
            self._server.close()
        self.cut_everything()
        await asyncio.gather(*self._running, return_exceptions=True)

    def cut_before_effect(self, mark: bytes) -> Trap:
        """Cut the connection on which `mark` is sent, so that the server never gets it."""
        return self._set(mark, "before effect")

    def cut_before_answer(self, mark: bytes) -> Trap:
        """Let `mark` through, wait for the answer, and cut: it was done, and nobody is told."""
        return self._set(mark, "before answer")

    def keep_from_server(self, mark: bytes) -> Trap:
        """Take `mark` and keep it: whoever sent it waits for an answer to what the server never got."""
        return self._set(mark, "before effect", silent=True)

    def keep_answer(self, mark: bytes) -> Trap:
        """Let `mark` through and keep the answer: it was done, and whoever sent it waits to be told."""
        return self._set(mark, "before answer", silent=True)

    def halve_request(self, mark: bytes) -> Trap:
        """Cut after the first half of what `mark` comes with."""
        return self._set(mark, "within request")

    def halve_answer(self, mark: bytes) -> Trap:
        """Cut after the first half of the answer to what `mark` comes with."""
        return self._set(mark, "within answer")

    def cut_everything(self) -> None:
        """Cut every connection there is now."""
        for task in self._running:
            task.cancel()

    def _set(self, mark: bytes, moment: Moment, *, silent: bool = False) -> Trap:
        trap = Trap(mark, moment, silent)
        self._traps.append(trap)
        return trap

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        try:
            await self._join(reader, writer)
        except (OSError, asyncio.CancelledError):
            # Cancelled by `cut_everything` alone; asyncio would log a task that says so.
            writer.transport.abort()
        finally:
            self._running.discard(task)

    async def _join(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        try:
            server, to_server = await asyncio.open_connection(LOOPBACK, self._target)
        except OSError:
            to_client.transport.abort()
            return
        connection = _Connection(self, to_server, to_client)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(connection.carry_requests(client))
                both.create_task(connection.carry_answers(server))
        except* (_Cut, OSError):
            pass
        finally:
            to_server.transport.abort()
            to_client.transport.abort()

    def take(self, before: bytes, chunk: bytes) -> Trap | None:
        """The trap that `chunk` sets off, coming after `before`; it is then no longer set."""
        for trap in self._traps:
            if trap.mark in before[-len(trap.mark) + 1 :] + chunk:
                self._traps.remove(trap)
                return trap
        return None


class _Connection:
    """One client with its own connection to the server; ends when either does, or a trap springs."""

    def __init__(
        self, proxy: Proxy, to_server: asyncio.StreamWriter, to_client: asyncio.StreamWriter
    ) -> None:
        self._proxy = proxy
        self._to_server = to_server
        self._to_client = to_client
        self._trap: Trap | None = None

    async def carry_requests(self, client: asyncio.StreamReader) -> None:
        tail = b""
        async for chunk in _chunks(client, self._proxy):
            self._trap = self._trap or self._proxy.take(tail, chunk)
            match self._trap:
                case Trap(moment="before effect"):
                    await self._spring(self._trap, client)
                case Trap(moment="within request"):
                    await _send(self._to_server, chunk[: len(chunk) // 2])
                    await self._spring(self._trap, client)
            await _send(self._to_server, chunk)
            tail = (tail + chunk)[-_LONGEST_MARK:]
        raise _Cut

    async def carry_answers(self, server: asyncio.StreamReader) -> None:
        async for chunk in _chunks(server, self._proxy):
            match self._trap:
                case Trap(moment="before answer"):
                    await self._spring(self._trap, server)
                case Trap(moment="within answer"):
                    await _send(self._to_client, chunk[: len(chunk) // 2])
                    await self._spring(self._trap, server)
            await _send(self._to_client, chunk)
        raise _Cut

    async def _spring(self, trap: Trap, source: asyncio.StreamReader) -> None:
        trap.sprung.set()
        if trap.silent:
            while await source.read(_CHUNK):
                pass  # silent until either side is gone
        raise _Cut


async def _send(writer: asyncio.StreamWriter, chunk: bytes) -> None:
    writer.write(chunk)
    await writer.drain()


async def _chunks(reader: asyncio.StreamReader, proxy: Proxy) -> AsyncIterator[bytes]:
    while chunk := await reader.read(_CHUNK):
        if proxy.latency:
            await asyncio.sleep(proxy.latency)
        yield chunk
