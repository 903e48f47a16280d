"""Look at the alerts that are due, and only at those: climb through the ledger, put messages on their way.

The notifier owns no truth. What falls due is appended to the ledger, and nothing is told of it before it has
come back on the stream, which makes the alert due to be looked at again.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Final, NamedTuple

import asyncpg
import structlog

from services.domain import calendar
from services.domain.alert import Alert
from services.domain.calendar import BeyondCalendar, Calendar
from services.domain.office import OFFICE, Office, working_days
from services.notifier import attempts, dossier, posting
from services.notifier.dossier import Dossier
from services.notifier.duty import Duty, Matter, Post, duty
from services.notifier.store import Store
from services.notifier.windows import Due, Finding, Windows
from services.runtime.client import LedgerClient, LedgerError, position_of
from services.runtime.clock import Clock
from services.runtime.logs import named
from services.runtime.moment import Watermark

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

MOST: Final = 200  # alerts looked at in one transaction


class LedgerWentBack(LedgerError):
    """The ledger ends before what this notifier knows of it: it was put back, and we must begin anew."""


class Looked(NamedTuple):
    """What looking at one alert found, and calls for."""

    finding: Finding
    duty: Duty


NOTHING: Final = Duty(posts=(), letters=(), called_for=frozenset(), next_at=None)


class Sweep:
    """Does rounds; `consumed` is the last position that the notifier has accounted for."""

    def __init__(
        self, store: Store, ledger: LedgerClient, clock: Clock, days: Calendar, consumed: Watermark
    ) -> None:
        self._store = store
        self._windows = Windows(store)
        self._ledger = ledger
        self._clock = clock
        self._days = days
        self._consumed = consumed

    async def next_at(self) -> datetime | None:
        """When there is something to look at next."""
        return await self._windows.next_at()

    async def round(self) -> int:
        """Look at some of what is due, and say how much; what is in the ledger by now is waited for first."""
        known = await self._store.checkpoint()  # read before the head, which can then only be further on
        head = (await self._ledger.head()).position
        if head < known:  # asked of the store: a term that has just begun has consumed nothing yet
            raise LedgerWentBack
        await self._consumed.wait_for(head)
        count, posts = await self._look(self._clock.now(), head)
        # A crash here, or while posting, leaves these alerts due again in a minute, or as soon as another
        # notifier takes over; the ids are the same then.
        posted = await posting.append(self._ledger, posts)
        await self._consumed.wait_for(max((each.position for each in posted if each.position), default=0))
        return count

    async def _look(self, now: datetime, head: int) -> tuple[int, list[tuple[str, Post]]]:
        async with self._windows.claimed(now, MOST) as (connection, claimed):
            if not claimed:
                return 0, []
            documents = await self._store.documents(connection, {due.case_id for due in claimed})
            # What was recorded together is judged together: an alert whose case has gone on since the head
            # was asked for, perhaps to the resolution that came with it, stays due for the next round.
            dues = [due for due in claimed if not _goes_on(documents[due.case_id], head)]
            if not dues:
                return len(claimed), []
            looked = self._judge(dues, documents, now)
            await self._windows.settle(connection, [each.finding for each in looked])
            await self._tell(connection, list(zip(dues, looked, strict=True)), now)
        posts = [
            (due.case_id, post) for due, each in zip(dues, looked, strict=True) for post in each.duty.posts
        ]
        return len(claimed), posts

    async def _tell(
        self, connection: asyncpg.Connection, looked: Sequence[tuple[Due, Looked]], now: datetime
    ) -> None:
        letters = [(due, letter) for due, each in looked for letter in each.duty.letters]
        called_for = list(chain.from_iterable(each.duty.called_for for _, each in looked))
        await self._windows.hold(connection, [due for due, each in looked if each.finding.parked])
        understood = [due for due, each in looked if not each.finding.parked]
        await self._windows.tell(connection, understood, letters, called_for, now)

    def _judge(
        self, dues: Sequence[Due], documents: Mapping[str, Sequence[str]], now: datetime
    ) -> list[Looked]:
        held = dossier.read_office(documents[OFFICE])
        read = {case_id: _read(case_id, documents[case_id]) for case_id in {due.case_id for due in dues}}
        days = working_days(held, self._days)
        return [_look_at(due, read[due.case_id], held, now, days) for due in dues]


def _goes_on(documents: Sequence[str], head: int) -> bool:
    return bool(documents) and position_of(documents[-1].encode()) > head


def _read(case_id: str, documents: Sequence[str]) -> Dossier | Exception:
    try:
        return dossier.read(case_id, documents)
    except Exception as error:  # noqa: BLE001 - whatever it is, it holds up this case's alerts and no other's
        return error


def _look_at(due: Due, read: Dossier | Exception, held: Office, now: datetime, days: Calendar) -> Looked:
    if isinstance(read, Exception):
        return _parked(due, None, read)
    alert = read.alerts.get(due.alert_id)
    if alert is None:  # voided
        return Looked(Finding(case_id=due.case_id, alert_id=due.alert_id, is_open=False), NOTHING)
    matter = Matter(
        alert=alert,
        nobody=read.nobody,
        office=held,
        today=calendar.london_date(now),
    )
    try:
        called = duty(matter, now, days)
        return Looked(_found(due, alert, called, now), called)
    except Exception as error:  # noqa: BLE001 - as above
        return _parked(due, alert, error)


def _found(due: Due, alert: Alert, called: Duty, now: datetime) -> Finding:
    """The row. An alert with events under way is looked at again in a while, should they not come back."""
    tries = due.tries + 1 if called.posts else 0
    again_at = now + attempts.pause_after(tries) if called.posts else None
    return Finding(
        **_shown(due, alert),  # type: ignore[arg-type]  # fields of the same names
        next_at=min((each for each in (called.next_at, again_at) if each), default=None),
        tries=tries,
    )


def _parked(due: Due, alert: Alert | None, error: Exception) -> Looked:
    log.error("alert.parked", case=due.case_id, alert=due.alert_id, error=named(error), exc_info=error)
    shown = _shown(due, alert) if alert else {"case_id": due.case_id, "alert_id": due.alert_id}
    why = (
        f"BeyondCalendar: {error.last_year} is the last known year"
        if isinstance(error, BeyondCalendar)
        else named(error)
    )
    return Looked(Finding(**shown, parked=why), NOTHING)


def _shown(due: Due, alert: Alert) -> dict[str, object]:
    return {
        "case_id": due.case_id,
        "alert_id": due.alert_id,
        "state": alert.state,
        "rung": alert.rung,
        "raised_by": alert.raised_by,
        "due_on": alert.due_on,
        "is_open": alert.is_open,
    }
