"""Decide and append what handlers ask, many requests a commit; each request that is taken is decided once."""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

import asyncpg
import structlog

from services.domain.calendar import Calendar
from services.domain.event import to_the_millisecond
from services.domain.office import OFFICE, Office
from services.ledger.absence import AWAY
from services.ledger.appender import Appender, NotAppended, Outcome
from services.ledger.cases import Cases
from services.ledger.commits import Commits
from services.ledger.counting import counting
from services.ledger.decision import Decided, decide
from services.ledger.giving import Giving
from services.ledger.repeats import answer_of_known
from services.ledger.request import (
    Answer,
    Appended,
    Away,
    Broken,
    MovedOn,
    Refusal,
    Request,
    Reused,
    receipt_of,
)
from services.ledger.state import State
from services.ledger.store import Store, Unreadable
from services.runtime.clock import Clock
from services.runtime.logs import named

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

MOST_QUEUED: Final = 16_384  # events
MOST_REQUESTS: Final = 512  # a drain
MOST_EVENTS: Final = 4_096  # a drain, unless one request alone has more
MOST_ROUNDS: Final = 20
PATIENCE: Final = 8.0  # seconds that a handler waits through an absence of the database

Denied = tuple[Request, int, MovedOn | Refusal]  # on which version it was decided


class Overloaded(Exception):
    """The queue is full: send it again a little later. Nothing was taken."""


class Batcher:
    """One bounded queue, drained without lingering: while one commit is on its way, the next one gathers."""

    def __init__(  # noqa: PLR0913 - what it decides with, by keyword
        self,
        *,
        store: Store,
        appender: Appender,
        cases: Cases,
        commits: Commits,
        clock: Clock,
        days: Calendar,
        giving: Giving,
    ) -> None:
        self._store = store
        self._appender = appender
        self._cases = cases
        self._clock = clock
        self._days = days
        self._giving = giving
        self._given: list[tuple[Request, Appended]] = []
        self._queue: deque[Request] = deque()
        self._queued = 0
        self._deciding: list[Request] = []
        self._commits = commits
        self._wake = asyncio.Event()

    def submit(self, requests: Sequence[Request]) -> None:
        """Take all of some requests, or none and raise `Overloaded`. Each one's `answer` will be given."""
        events = sum(len(request.submissions) for request in requests)
        if self._queued and self._queued + events > MOST_QUEUED:
            raise Overloaded
        self._queue.extend(requests)
        self._queued += events
        self._wake.set()

    async def run(self) -> None:
        """Drain the queue until cancelled."""
        while True:
            await self._wake.wait()
            await asyncio.sleep(0)  # no lingering: only what has arrived already goes along
            self._deciding = self._drain()
            self._impatient = asyncio.get_running_loop().call_later(PATIENCE, self._lose_patience)
            try:
                await self._settle(self._deciding)
            finally:
                self._impatient.cancel()

    def _drain(self) -> list[Request]:
        drained: list[Request] = []
        events = 0
        while self._queue and len(drained) < MOST_REQUESTS:
            size = len(self._queue[0].submissions)
            if drained and (events + size > MOST_EVENTS or not _go_together(drained[0], self._queue[0])):
                break
            drained.append(self._queue.popleft())
            events += size
        self._queued -= events
        if not self._queue:
            self._wake.clear()
        return drained

    def _lose_patience(self) -> None:
        # The batch goes on until its outcome is known; those who wait are told that it is not.
        for request in self._deciding:
            request.settle(Away(certain=False))
        while self._queue:
            self._queue.popleft().settle(Away(certain=True))
        self._queued = 0
        self._impatient = asyncio.get_running_loop().call_later(1, self._lose_patience)

    async def _settle(self, requests: Sequence[Request]) -> None:
        waiting = requests
        try:
            for _ in range(MOST_ROUNDS):
                waiting = await self._round(waiting)
                if not waiting:
                    return
            log.warning("append.contended", count=len(waiting))
            _answer_all(waiting, Away(certain=True))
        except ValueError as error:  # asyncpg's error for a value that it cannot write is one
            await self._isolate(requests, error)
        except (NotAppended, *AWAY) as error:
            log.warning("append.away", count=len(requests), error=named(error))
            _answer_all(requests, Away(certain=True))
        except asyncpg.PostgresError as error:
            await self._isolate(requests, error)

    async def _isolate(self, requests: Sequence[Request], error: Exception) -> None:
        # The database took none of the batch because of one: the others must not fail with it.
        log.error("append.refused", count=len(requests), error=named(error))
        if len(requests) == 1:
            requests[0].settle(Broken(named(error)))
            return
        for request in requests:
            await self._settle([request])

    async def _round(self, requests: Sequence[Request]) -> list[Request]:
        """Decide, append, answer. Returns those whose case has moved on meanwhile, to be decided again."""
        states = await self._load({OFFICE: None, **{request.stream: None for request in requests}})
        days, office_version = counting(states[OFFICE], self._days)
        now = to_the_millisecond(self._clock.now())
        accepted, denied = self._decide(requests, states, now, days)
        again: list[Request] = []
        if accepted:
            as_of = None if _is_office(accepted[0].request) else office_version
            outcomes, sent_again = await self._appender.append(accepted, now, as_of)
            try:
                for decided, row in zip(accepted, outcomes, strict=True):
                    if not self._take(decided, row, sent_again=sent_again):
                        again.append(decided.request)
            finally:
                self._give()  # before anything else is waited for: these are on disk
        if denied:
            again += await self._confirm(denied)
        return again

    def _decide(
        self,
        requests: Sequence[Request],
        states: dict[str, State | Unreadable],
        now: datetime,
        days: Calendar,
    ) -> tuple[list[Decided], list[Denied]]:
        """Decide each on what those before it will have made of its stream."""
        accepted: list[Decided] = []
        denied: list[Denied] = []
        office = states[OFFICE]
        policies = office if isinstance(office, Office) else Office()
        for request in requests:
            state = states[request.stream]
            if isinstance(state, Unreadable):
                request.settle(Broken(state.error))
                continue
            try:
                decision = decide(request, state, now, days, policies)
            except Exception as error:
                # A defect in deciding one request is that request's; those beside it are decided.
                log.exception("decide.failed")
                request.settle(Broken(named(error)))
                continue
            if isinstance(decision, Decided):
                accepted.append(decision)
                states[request.stream] = decision.state
            else:
                denied.append((request, state.version, decision))
        return accepted, denied

    async def _load(self, streams: Iterable[str]) -> dict[str, State | Unreadable]:
        kept = {stream: self._cases.get(stream) for stream in streams}
        missing = [stream for stream, state in kept.items() if state is None]
        read = await self._store.states(missing) if missing else {}
        if isinstance(office := read.get(OFFICE), Office):
            self._cases.keep(OFFICE, office)  # every commit asks for it
        return {stream: read[stream] if state is None else state for stream, state in kept.items()}

    def _take(self, decided: Decided, row: Outcome, *, sent_again: bool) -> bool:
        """Answer by what the database says. False if the request is to be decided again."""
        request = decided.request
        match row:
            case Outcome(outcome="appended", position=int(position)):
                self._appended(decided, position, fresh=True)
                return True
            case Outcome(outcome="duplicate", stored=list(stored)) if decided.wrote(stored):
                # The very bytes that were sent: if they were sent before, this answers for the answer lost.
                self._appended(decided, receipt_of(stored[0]).position, fresh=sent_again)
                return True
            case Outcome(outcome="duplicate", stored=list(stored)):
                self._given.append((request, Appended(tuple(map(receipt_of, stored)), fresh=False)))
            case Outcome(outcome="reused", reused=list(ids)):
                request.settle(Reused(tuple(ids)))
        self._cases.forget(request.stream)
        self._cases.forget(OFFICE)  # a conflict may be the office's: it is read again too
        return row.outcome != "conflict"

    def _appended(self, decided: Decided, position: int, *, fresh: bool) -> None:
        self._cases.keep(decided.request.stream, decided.state)
        stored = list(decided.placed(position))
        self._given.append((decided.request, Appended(decided.receipts(stored), fresh=fresh)))
        for placed in stored:
            self._commits.add(placed)

    def _give(self) -> None:
        """Have those answered whose events are on disk."""
        given, self._given = self._given, []
        self._giving.give(given)

    async def _confirm(self, denied: Sequence[Denied]) -> list[Request]:
        """Answer those that were denied, once it is sure that what they were denied on is so.

        An event that is in the ledger already was admitted once: its repeat gets the first receipt, whatever
        has happened since. And the case as it was kept may be behind: then it is read and decided again.
        """
        identities = [(each.source, each.id) for request, _, _ in denied for each in request.submissions]
        known = await self._store.known(identities)
        versions = await self._store.versions(list({request.stream: None for request, _, _ in denied}))
        again: list[Request] = []
        start = 0
        for request, version, denial in denied:
            places = range(start, start := start + len(request.submissions))
            found = [known.get(place) for place in places]
            if any(found):
                self._settle_known(request, answer_of_known(request, found))
            elif versions[request.stream] == version:
                request.settle(denial)
            else:
                self._cases.forget(request.stream)
                again.append(request)
        self._give()
        return again

    def _settle_known(self, request: Request, answer: Appended | Reused) -> None:
        if isinstance(answer, Appended):
            self._given.append((request, answer))
        else:
            request.settle(answer)


def _is_office(request: Request) -> bool:
    return request.stream == OFFICE


def _go_together(one: Request, other: Request) -> bool:
    """What the office sets is committed before anything is counted by it."""
    return _is_office(one) == _is_office(other)


def _answer_all(requests: Iterable[Request], answer: Answer) -> None:
    for request in requests:
        request.settle(answer)
