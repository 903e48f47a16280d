"""See to each working morning: a digest for whoever holds a team or a rung, once, if it says something.

What is told is what the projector's due board says, at the ledger's head. While the projector is away the
morning waits, and nothing else does.
"""

from collections.abc import Sequence
from datetime import date, datetime

import structlog

from services.domain import calendar
from services.domain.calendar import BeyondCalendar, Calendar
from services.domain.office import OFFICE, Office, working_days
from services.notifier import audience, digest, dossier, posting
from services.notifier.audience import Reader
from services.notifier.board import Board, BoardAway
from services.notifier.digests import NOTHING, Digests, Morning, Telling
from services.notifier.store import Store
from services.runtime.client import LedgerClient
from services.runtime.clock import Clock
from services.runtime.logs import named
from services.runtime.moment import Watermark

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class Mornings:
    """Does rounds. `trouble` says why digests that are due wait; without a board there are none."""

    def __init__(  # noqa: PLR0913 - what it works with, by keyword
        self,
        *,
        store: Store,
        ledger: LedgerClient,
        board: Board | None,
        clock: Clock,
        days: Calendar,
        consumed: Watermark,
    ) -> None:
        self._store = store
        self._digests = Digests(store)
        self._ledger = ledger
        self._board = board
        self._clock = clock
        self._days = days
        self._consumed = consumed
        self.trouble: str | None = None

    async def next_at(self) -> datetime | None:
        """When to look next."""
        return await self._digests.next_at()

    async def round(self) -> int:
        """See to this morning, if it is due, and say when the next one is; 0 when it has to wait."""
        head = (await self._ledger.head()).position
        await self._consumed.wait_for(head)
        before, now = await self._digests.morning(), self._clock.now()
        try:
            after, told = await self._see_to(before, now, head)
        except BoardAway as away:
            self.trouble = str(away)
            log.warning("digests.wait", error=self.trouble)
            return 0
        except BeyondCalendar as error:
            log.error("digests.parked", error=named(error))  # noqa: TRY400 - its name says it
            after, told = Morning(before.done_on, None, before.touches), NOTHING
        self.trouble = None
        # A crash before this leaves the morning due: the same is found again, under the same ids.
        await self._digests.settle(before, after, told, now)
        return 1

    async def _see_to(self, before: Morning, now: datetime, head: int) -> tuple[Morning, Telling]:
        if self._board is None:
            return before._replace(next_at=None), NOTHING
        held = await self._office()
        days = working_days(held, self._days)
        next_at = audience.next_morning(now, before.done_on, held, days)
        if next_at is None or next_at > now:
            return before._replace(next_at=next_at), NOTHING
        day = calendar.london_date(now)
        span = digest.span(day, before.done_on, days)
        told = await self._tell(self._board, span, audience.readers(held, day), head)
        log.info("digests.due", day=str(day), digests=len(told.digests))
        return Morning(day, audience.next_morning(now, day, held, days), before.touches), told

    async def _tell(self, board: Board, span: digest.Span, readers: Sequence[Reader], head: int) -> Telling:
        found = await board.read(span, {each.teams for each in readers}, head)
        told = [each for each in readers if found[each.teams].says_something]
        await self._report([each for each in told if not each.channels], span.day)
        reached = {audience.notification_id(each.holder, span.day): each for each in told if each.channels}
        return Telling(
            digests={each: found[reader.teams] for each, reader in reached.items()},
            letters=[letter for each in reached.values() for letter in audience.letters(each, span.day)],
        )

    async def _report(self, unreached: Sequence[Reader], day: date) -> None:
        posts = [(OFFICE, audience.not_reached(each, day)) for each in unreached]
        await posting.append(self._ledger, posts)

    async def _office(self) -> Office:
        async with self._store.by_index() as connection:
            documents = await self._store.documents(connection, {OFFICE})
        return dossier.read_office(documents[OFFICE])
