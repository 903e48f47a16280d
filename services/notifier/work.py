"""Consume, sweep, see to mornings and send while this notifier leads; stand by while another does.

Whatever goes wrong with Postgres or the ledger ends the term, and the next one starts from what is committed.
"""

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final, Protocol

import asyncpg
import structlog

from services.notifier.consumer import Consumer
from services.notifier.store import CheckpointMoved, Store
from services.runtime import postgres
from services.runtime.backoff import Backoff
from services.runtime.client import LedgerError
from services.runtime.clock import Clock
from services.runtime.leadership import Leadership, LeadershipLost
from services.runtime.logs import named
from services.runtime.moment import Watermark

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

LEADERSHIP: Final = "notifier"
LOOK_UP: Final = 5.0
"""Seconds of real time after which a worker looks whether another process has left it something to do."""
NEVER: Final = datetime.max.replace(tzinfo=UTC)

PASSING: Final = (*postgres.AWAY, asyncpg.PostgresError, LedgerError, CheckpointMoved, LeadershipLost)


class Worker(Protocol):
    """Something that is done in rounds."""

    async def next_at(self) -> datetime | None:
        """When there is something to do next, at the earliest."""

    async def round(self) -> int:
        """Do some of what is due, and say how much that was."""


class Progress:
    """Who is at work, and how often somebody has finished a round: for whoever waits until all is done."""

    def __init__(self) -> None:
        self.rounds = Watermark()
        self._working = 0

    @property
    def idle(self) -> bool:
        """Whether nobody is in the middle of a round."""
        return self._working == 0

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        """Count as at work within."""
        self._working += 1
        try:
            yield
        finally:
            self._working -= 1
            self.moved()

    def moved(self) -> None:
        """Say that something may have changed."""
        self.rounds.advance(self.rounds.value + 1)


class Work:
    """The notifier's tasks. `leads` says whether they run here."""

    def __init__(self, store: Store, clock: Clock, leader_url: str) -> None:
        self._store = store
        self._clock = clock
        self._leader_url = leader_url
        self._woken: list[asyncio.Event] = []
        self._looking = asyncio.Lock()
        self._stopping = False
        self.progress = Progress()
        self.leads = False
        self.trouble: str | None = None

    def wake(self) -> None:
        """Have the workers look again at what there is to do."""
        for woken in self._woken:
            woken.set()
        self.progress.moved()

    async def run(self, consumer: Consumer, *workers: Worker) -> None:
        """Lead whenever no other notifier does, until cancelled."""
        wait = Backoff(None)
        while True:
            try:
                async with Leadership(
                    self._leader_url,
                    LEADERSHIP,
                    application_name="caseledger notifier leader",
                    stands_by=self._stand_by,
                ):
                    await self._lead(consumer, workers)
            except* PASSING as errors:
                self.trouble = named(_first(errors))
                log.warning("term.ended", error=self.trouble)
            finally:
                self.leads = False
            await wait.pause()

    async def finish(self, seconds: float) -> None:
        """Begin no further round, and wait for those under way: what was sent is to be noted."""
        self._stopping = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not self.progress.idle:
                    await self.progress.rounds.wait_for(self.progress.rounds.value + 1)

    def _stand_by(self) -> None:
        self.trouble = None  # whatever ended our term, another leads by now

    async def _lead(self, consumer: Consumer, workers: Sequence[Worker]) -> None:
        await self._store.resume(self._clock.now())
        self.leads, self.trouble = True, None
        self._woken = [asyncio.Event() for _ in workers]
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(consumer.run(), name="consumer")
            for worker, woken in zip(workers, self._woken, strict=True):
                tasks.create_task(self._rounds(worker, woken), name=type(worker).__name__)
            # Python 3.11 leaves a task marked as cancelled whose group fails while the task is leaving it.
            await asyncio.Event().wait()

    async def _rounds(self, worker: Worker, woken: asyncio.Event) -> None:
        while True:
            woken.clear()
            async with self._looking:  # one after the other: a connection does for all
                next_at = await worker.next_at() or NEVER
            if self._stopping:
                next_at = NEVER
            if next_at <= self._clock.now():
                with self.progress.working():
                    done = await worker.round()
                if done:
                    self.wake()
                    continue
                next_at = NEVER  # others hold what is due, or have to look at it first: they wake us
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_UP):
                    await self._clock.wait_until(next_at, or_set=woken)


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
