"""Load a sample year into a stack on a test clock: over HTTP, day by day, as an office would type it in."""

from collections.abc import Callable, Iterable
from contextlib import aclosing
from datetime import date, datetime
from itertools import groupby
from typing import Final

from msgspec import Struct

from services.cli.year.days import CLOSE, OPENING
from services.cli.year.diary import Entry
from services.domain import calendar
from services.domain.access import case_of
from services.domain.case import Case, fold
from services.domain.event import decode
from services.domain.office import OFFICE
from services.runtime.client import LedgerClient
from services.stack import clocks
from services.stack.clocks import Reached

SOURCE: Final = "/sample-year"


class Loaded(Struct, frozen=True):
    """How far the loading has come: the day, and the events so far."""

    day: date
    events: int


Day = Callable[[Loaded], None]
"""Told of each day once it has been typed in."""


async def load(
    urls: Reached, entries: Iterable[Entry], typed: Day = lambda _: None, *, until: datetime = CLOSE
) -> int:
    """Post what was typed in by `until`, each day's work at its end; gives the number of events.

    What happened before the year is typed in when the ledger opens. A day's events of one case are recorded
    together or not at all, so that no step of an alert stands without what goes with it. On return the clock
    stands at `until`, nothing is due, and the read models have everything. Raises `LedgerError`, and
    `StackError` on a clock that cannot be moved.
    """
    events = 0
    async with LedgerClient(urls.ledger, source=SOURCE, token=urls.token) as ledger:
        for day, told in groupby((each for each in entries if each.typed_at <= until), _day):
            work = list(told)
            await clocks.advance(urls, max(work[-1].typed_at, OPENING), projected=False)
            await _post(ledger, work)
            events += len(work)
            typed(Loaded(day, events))
    await clocks.advance(urls, until)
    return events


async def cases(urls: Reached) -> list[Case]:
    """Every case that a ledger holds, folded from its events. Raises `LedgerError`."""
    found: dict[str, Case] = {}
    async with (
        LedgerClient(urls.ledger, source=SOURCE, token=urls.token) as ledger,
        aclosing(ledger.events_after(0)) as documents,
    ):
        async for document in documents:
            record = decode(document)
            if record.stream != OFFICE and case_of(record.stream) is None:
                known = found.get(record.stream) or Case(case_id=record.stream)
                found[record.stream] = fold(known, record)
    return list(found.values())


async def _post(ledger: LedgerClient, work: list[Entry]) -> None:
    """All of a day's work. Raises what the ledger said of the first case that it declined."""
    for result in await ledger.append_many([(each.subject, each.event) for each in work]):
        if result.error:
            raise result.error


def _day(entry: Entry) -> date:
    return calendar.london_date(max(entry.typed_at, OPENING))
