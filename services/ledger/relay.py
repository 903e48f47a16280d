"""Publish committed events on JetStream: each once, in order, never before its commit.

The stream is its own checkpoint: its last sequence is the last position published. Whatever goes wrong, what
is outstanding is given up, the last sequence is read again, and publishing goes on there.
"""

import asyncio
from typing import Final

import nats.errors
import structlog

from services.ledger.absence import AWAY
from services.ledger.commits import Commits
from services.ledger.store import Store
from services.ledger.stream import STREAM, Stream
from services.runtime.health import Health
from services.runtime.leadership import Leadership, LeadershipLost
from services.runtime.logs import named
from services.runtime.moment import Watermark

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

AT_ONCE: Final = 500
REFILL: Final = 100_000  # how much of its history a stream that was deleted is given back
CHECK_EVERY: Final = 2.0  # seconds without work, after which the stream is looked at again
BREATH: Final = 0.01  # seconds between two publishings: what is committed meanwhile goes together
PAUSE: Final = 0.5  # seconds before going on after something went wrong
TROUBLE: Final = (nats.errors.Error, *AWAY)

LOCK: Final = "ledger relay"
WHAT_TO_DO: Final = (
    "the database was restored from an earlier backup, or the stream is another ledger's. "
    "Nothing is published. If this ledger is the right one, delete the stream "
    f"(nats stream rm {STREAM}): it is made anew from the ledger; "
    "then rebuild what was built from the old one (caseledger projections rebuild)."
)


class StreamDisagrees(Exception):
    """The stream is not this ledger's past: a backup was restored, or the stream is another's."""


class Relay:
    """The publisher. One leads at a time; the others stand by and follow how far the stream has come."""

    def __init__(self, url: str, store: Store, stream: Stream, commits: Commits) -> None:
        self._url = url
        self._store = store
        self._stream = stream
        self._commits = commits
        self.published = Watermark()
        self.health = Health(ok=False, detail="starting")

    async def run(self) -> None:
        """Lead, or stand by, until cancelled."""
        while True:
            standing_by = asyncio.create_task(self._stand_by())
            try:
                async with Leadership(self._url, LOCK, application_name="caseledger relay"):
                    standing_by.cancel()
                    await self._lead()
            except LeadershipLost:
                self.health = Health(ok=False, detail="lost the lead; standing for it again")
            finally:
                standing_by.cancel()

    async def check(self) -> Health:
        """Whether committed events reach the stream."""
        return self.health

    async def _stand_by(self) -> None:
        while True:
            try:
                # A stream that is ahead of a restored ledger holds what is not this ledger's.
                self.published.advance(min(await self._stream.last() or 0, self._commits.head.value))
                self.health = Health(ok=True, detail="another process publishes; standing by")
            except TROUBLE as error:
                self.health = Health(ok=False, detail=f"standing by, but NATS is away ({named(error)})")
            await asyncio.sleep(PAUSE)

    async def _lead(self) -> None:
        while True:
            try:
                await self._publish_after(await self._last_agreed())
            except StreamDisagrees as error:
                log.error("relay.refuses", stream=STREAM)  # noqa: TRY400 - what is wrong is no defect of ours
                self.health = Health(ok=False, detail=str(error))
                await asyncio.sleep(CHECK_EVERY)
            except TROUBLE as error:
                log.warning("relay.trouble", stream=STREAM, error=named(error), retry_in=PAUSE)
                self.health = Health(ok=False, detail=f"cannot publish ({named(error)}); trying again")
                await asyncio.sleep(PAUSE)

    async def _publish_after(self, last: int) -> None:
        """Publish what is committed, as it is; returns when it is time to look at the stream again."""
        self.published.advance(last)
        self.health = Health(ok=True, detail="publishes")
        while True:
            if placed := await self._commits.after(last, AT_ONCE):
                # A crash within leaves a part of these on the stream: the next leader goes on after it.
                await self._stream.publish(placed)
                last = placed[-1].position
                self.published.advance(last)
                await asyncio.sleep(BREATH)
                continue
            try:
                await self._commits.head.wait_for(last + 1, timeout=CHECK_EVERY)
            except TimeoutError:
                return

    async def _last_agreed(self) -> int:
        """The last position on the stream, which is made if it is missing and compared if it is not."""
        last = await self._stream.last()
        head = await self._store.head()  # read after the stream, which can then only be behind it
        if last is None:
            first = max(1, head - REFILL + 1)
            await self._stream.create(first)
            log.info("relay.stream_made", stream=STREAM, first=first)
            return first - 1
        if last > head:
            raise StreamDisagrees(f"{STREAM} ends at {last} but the ledger at {head}: {WHAT_TO_DO}")
        on_stream = await self._stream.document(last) if last else None
        kept = await self._store.document(last)
        if on_stream is not None and kept is not None and on_stream != kept.encode():
            raise StreamDisagrees(f"{STREAM} and the ledger hold different events at {last}: {WHAT_TO_DO}")
        return last
