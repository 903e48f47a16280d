"""A morning's digest: what became overdue, what is due next, and how much else is late.

However much there is, a digest stays short: of each part the deadlines that are due first, the rest counted.
"""

from datetime import date, timedelta
from typing import Final, NamedTuple

from msgspec import Struct

from services.domain import calendar
from services.domain.calendar import BeyondCalendar, Calendar
from services.notifier.audience import Teams

DAYS_AHEAD: Final = 5  # working days, the fifth included
A_WEEK: Final = timedelta(days=7)  # instead, where the known calendar ends
MOST: Final = 10  # deadlines that are named in each part


class Item(Struct, frozen=True, kw_only=True):
    """One deadline; `name` says in words what is due by `rule`."""

    case_id: str
    rule: str
    name: str
    due_on: date
    team: str | None = None


class Part(Struct, frozen=True, kw_only=True):
    """Some deadlines: how many, and those due first, at most `MOST`."""

    count: int
    items: tuple[Item, ...] = ()

    @property
    def rest(self) -> int:
        """How many are counted and not named."""
        return self.count - len(self.items)


class Span(NamedTuple):
    """The London dates of a digest.

    Due from `since` (ever, if null) until `day`, it became overdue; due from `day` through `until`, it comes.
    """

    since: date | None
    day: date
    until: date


class Digest(Struct, frozen=True, kw_only=True):
    """What somebody is told on the morning of `day`. `earlier` counts what was overdue before `since`."""

    day: date
    since: date | None
    until: date
    teams: Teams
    overdue: Part
    coming: Part
    earlier: int

    @property
    def says_something(self) -> bool:
        """Whether anything became overdue, or is due."""
        return bool(self.overdue.count or self.coming.count)


def span(day: date, told_on: date | None, days: Calendar) -> Span:
    """The dates of the digest of `day`, when the one before was that of `told_on`."""
    try:
        until = calendar.add_working_days(day, DAYS_AHEAD, days)
    except BeyondCalendar:
        until = day + A_WEEK
    return Span(told_on, day, until)
