"""Tell what is committed as it is committed: the ledger's live tail, as server-sent events."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Final

import structlog

from services.ledger.store import Placed, Store
from services.runtime import postgres
from services.runtime.logs import named
from services.runtime.moment import Watermark

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

POLL_EVERY: Final = 0.25  # seconds: how late another process's commit is seen
AT_ONCE: Final = 500
GREETING: Final = b"retry: 1000\n\n"


class Live:
    """Follows the head: commits of this process at once, those of others by polling."""

    def __init__(self, store: Store, committed: Watermark) -> None:
        self._store = store
        self._committed = committed

    async def watch_head(self) -> None:
        """Keep `committed` at most `POLL_EVERY` behind the ledger, until cancelled."""
        while True:
            with contextlib.suppress(*postgres.AWAY):
                self._committed.advance(await self._store.head())
            await asyncio.sleep(POLL_EVERY)

    async def tail(self, after: int) -> AsyncGenerator[bytes, None]:
        """The documents after a position as server-sent events, for ever; the position is the event's id.

        Ends when the database goes: the client comes back with `Last-Event-ID`, to another process perhaps.
        """
        yield GREETING
        try:
            while True:
                placed = await self._store.after(after, AT_ONCE)
                if placed:
                    after = placed[-1].position
                    yield b"".join(map(_event, placed))
                else:
                    await self._committed.wait_for(after + 1)
        except postgres.AWAY as error:
            log.warning("tail.ended", after=after, error=named(error))


def _event(placed: Placed) -> bytes:
    return f"id: {placed.position}\ndata: {placed.document}\n\n".encode()
