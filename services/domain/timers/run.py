"""One run of a timer, chains of them, in which what meets one starts the next, and where runs come from."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from typing import Any

from msgspec import Struct

from services.domain.facts import Facts


class Run(Struct, frozen=True, kw_only=True):
    """A timer that started for an object, and how it went on. Dates are Europe/London.

    `ended_on` is when what it was for ended without it. `started_at` and `met_at` are for limits in hours.
    `due_on` is given where an event says itself when it is due.
    """

    timer: str
    about: str
    started_on: date
    met_on: date | None = None
    ended_on: date | None = None
    started_at: datetime | None = None
    met_at: datetime | None = None
    due_on: date | None = None


class Source(Struct, frozen=True):
    """Some runs of a case, and the types of the facts that they are made of: no other fact changes them."""

    runs: Callable[[Facts], Iterator[Run]]
    made_of: tuple[type[Any], ...]


Choice = Callable[[int, date], str]
"""Which timer the nth run (0, 1, 2 …), which starts on a day, is of."""


def of(*timers: str) -> Choice:
    """The first timer for the first run and so on; the last one for all the others."""
    return lambda nth, _: timers[min(nth, len(timers) - 1)]


def chain(
    about: str, begun: date, stops: Iterable[date], choice: Choice, over_on: date | None
) -> Iterator[Run]:
    """Runs from `begun` through each day on which one was met, to the one that is under way or was ended."""
    started, nth = begun, 0
    for met_on in sorted({day for day in stops if begun <= day and (over_on is None or day <= over_on)}):
        yield Run(timer=choice(nth, started), about=about, started_on=started, met_on=met_on)
        started, nth = met_on, nth + 1
    yield Run(timer=choice(nth, started), about=about, started_on=started, ended_on=over_on)


def once(
    timer: str, about: str, started_on: date, stops: Iterable[date], ended_on: date | None = None
) -> Run:
    """One run, met on the first of the days from its start until its end."""
    within = [day for day in stops if started_on <= day and (ended_on is None or day <= ended_on)]
    met_on = min(within, default=None)
    return Run(timer=timer, about=about, started_on=started_on, met_on=met_on, ended_on=ended_on)


def before(timer: str, about: str, meeting: date, arrivals: Iterable[date], over_on: date | None) -> Run:
    """A run whose limit lies before a meeting: met by what arrived first, over once it is held or lapsed."""
    met_on = min(arrivals, default=None)
    return Run(timer=timer, about=about, started_on=meeting, met_on=met_on, ended_on=over_on)
