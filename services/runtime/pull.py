"""The messages of a stream from one sequence on, in order, until anything is wrong. It does not repair.

The relay says on `PUBLISHED` how far it has published, and no further is the stream believed. Whoever can put
a message onto the stream cannot say that it is the ledger's.
"""

import asyncio
import contextlib
from types import TracebackType
from typing import Final, Self

from nats.aio.client import Client
from nats.aio.msg import Msg

from services.runtime import holdings
from services.runtime.client import position_of
from services.runtime.holdings import LOOK_UP, PATIENCE, TROUBLE, Held, NotAnswered
from services.runtime.logs import named
from services.runtime.nats import PUBLISHED, bounded

QUIET: Final = 1.0
"""Seconds without a word of the relay, after which its word may have been lost."""


class StreamUnusable(Exception):
    """The stream cannot give the next message now. `reason` is a name for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Pull:
    """`async with Pull(client, stream, after, most) as pull:` and then `await pull.batch()` repeatedly."""

    def __init__(self, client: Client, stream: str, after: int, most: int) -> None:
        self._client = client
        self._stream = stream
        self._next = after + 1
        self._most = most
        self.trusted = 0
        self._news = asyncio.Event()

    async def __aenter__(self) -> Self:
        """Listen to the relay. Raises `StreamUnusable`."""
        if not self._client.is_connected:
            raise StreamUnusable("disconnected")
        self._reconnects = self._client.stats["reconnects"]
        try:
            self._subscription = await bounded(self._client.subscribe(PUBLISHED, cb=self._hear), PATIENCE)
        except TROUBLE as error:
            raise StreamUnusable(named(error)) from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(*TROUBLE):
            await bounded(self._subscription.unsubscribe(), PATIENCE)

    def trust(self, sequence: int) -> None:
        """Believe the stream as far as this."""
        self.trusted = max(self.trusted, sequence)

    async def batch(self) -> list[tuple[int, bytes]]:
        """Wait for the next messages: consecutive, none if it is quiet. Raises `StreamUnusable`."""
        while True:
            self._news.clear()  # What is said while the stream is asked has it asked again.
            if self.trusted >= self._next and (taken := self._taken(await self._ask())):
                return taken
            if not await self._listen():
                return []

    async def _ask(self) -> list[Held]:
        most = min(self._most, self.trusted - self._next + 1)
        try:
            return await holdings.held(self._client, self._stream, self._next, most)
        except NotAnswered as error:
            raise StreamUnusable(error.reason) from error
        except TROUBLE as error:
            raise StreamUnusable(named(error)) from error

    def _taken(self, found: list[Held]) -> list[tuple[int, bytes]]:
        """The messages up to the first that is not the next one; raises `StreamUnusable` if none is."""
        taken: list[tuple[int, bytes]] = []
        for message in found:
            if fault := self._fault_of(message):
                if taken:
                    return taken  # It is asked for again, and met first.
                raise StreamUnusable(fault)
            taken.append((message.sequence, message.data))
            self._next += 1
        return taken

    def _fault_of(self, message: Held) -> str:
        if message.sequence != self._next:
            return "gap"
        try:
            return "" if position_of(message.data) == self._next else "other_document"
        except ValueError:
            return "other_document"

    async def _listen(self) -> bool:
        """Whether the relay said something before it had been quiet for long."""
        for _ in range(round(QUIET / LOOK_UP)):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_UP):
                    return await self._news.wait()
            if not self._client.is_connected:
                raise StreamUnusable("disconnected")
            if self._client.stats["reconnects"] != self._reconnects:
                raise StreamUnusable("reconnected")
        return False

    async def _hear(self, message: Msg) -> None:
        if message.data.isdigit():
            self.trust(int(message.data))
            self._news.set()


async def last_message(client: Client, stream: str) -> tuple[int, bytes]:
    """The last sequence that the stream holds, and what it holds there. Raises `StreamUnusable`."""
    if not client.is_connected:
        raise StreamUnusable("disconnected")
    try:
        found = await holdings.last(client, stream)
    except NotAnswered as error:
        raise StreamUnusable(error.reason) from error
    except TROUBLE as error:
        raise StreamUnusable(named(error)) from error
    return (found.sequence, found.data) if found else (0, b"")
