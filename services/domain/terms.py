"""The terms of a case: each run of a timer under one rule, with its days and what it comes to.

No clock is asked: a term is what a history and a calendar tell, and stays right until either says more.
What it means at some moment, `deadlines` says. Worked out from the dates on which things happened, never
from those on which they were recorded: typing late makes nothing late.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Final, NamedTuple

from msgspec import Struct

from services.domain import calendar
from services.domain.alert import Alert
from services.domain.calendar import BeyondCalendar, Calendar
from services.domain.case import Case
from services.domain.facts import Facts
from services.domain.timers import allegation, care, fostering, need, protection
from services.domain.timers.run import Run, Source
from services.domain.timescale import Basis, Timescale, Unit, in_force
from services.domain.timescales import TIMESCALES

SOURCES: Final = (
    *need.SOURCES,
    *protection.SOURCES,
    *care.SOURCES,
    *fostering.SOURCES,
    *allegation.SOURCES,
)


class Outcome(StrEnum):
    """What a term comes to, whenever anybody asks."""

    PENDING = "PENDING"
    """Nothing has met it, and what it is for has not ended."""
    MET = "MET"
    MET_LATE = "MET_LATE"
    LAPSED = "LAPSED"
    """What it is for ends at `ended_at`, and it is late by then."""
    DROPPED = "DROPPED"
    """What it is for ends at `ended_at`, before it is due: then there is no such deadline."""
    UNKNOWN = "UNKNOWN"
    """It cannot be counted: a day lies beyond the known calendar."""


class Term(Struct, frozen=True, kw_only=True):
    """One run of a timer under one rule. Dates are Europe/London; through the end of `due_on` is in time.

    `nth` tells the runs of one rule about one object apart, from 1, in the order in which they started.
    From the instant `over_at` on it is late; from `soon_at` on, the start of `soon_on`, its last warning is
    due, or there is none and it is due that day. Absent where it cannot be counted. `ended_at` is absent
    where it was met.
    """

    rule: str
    timer: str
    basis: Basis
    unit: Unit
    about: str
    nth: int
    outcome: Outcome
    started_on: date
    due_on: date | None = None
    soon_on: date | None = None
    warnings: tuple[date, ...] = ()
    met_on: date | None = None
    ended_on: date | None = None
    over_at: datetime | None = None
    soon_at: datetime | None = None
    met_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def deadline_id(self) -> str:
        """What tells it from the other terms of its case."""
        return f"{self.rule}:{self.about}:{self.nth}"


class _Days(NamedTuple):
    due_on: date
    over_at: datetime
    warnings: tuple[date, ...]


def terms(case: Case, days: Calendar) -> tuple[Term, ...]:
    """Every term of a case, in the order in which they started; one for each rule that is in force."""
    found = []
    earlier: Counter[tuple[str, str]] = Counter()
    for run in sorted(runs(case), key=_begun):
        for rule in rules_of(run):
            earlier[rule.rule, run.about] += 1
            found.append(term(run, rule, days, earlier[rule.rule, run.about]))
    return tuple(found)


def rules_of(run: Run) -> list[Timescale]:
    """The rules by which a run is counted: none, one, or several that disagree."""
    return in_force(_rules_of(run.timer), run.timer, run.started_on)


@cache
def _rules_of(timer: str) -> tuple[Timescale, ...]:
    return tuple(each for each in TIMESCALES if each.timer == timer)


def runs(case: Case) -> Iterator[Run]:
    """Every run of every timer of a case."""
    yield from of_facts(case.facts)
    for alert in case.alerts.values():
        yield from _of_alert(alert)


def of_facts(facts: Facts, sources: Iterable[Source] = SOURCES) -> Iterator[Run]:
    """Every run that facts start, or those of some of its sources."""
    for source in sources:
        yield from source.runs(facts)


@cache
def sources_of(kind: str) -> tuple[Source, ...]:
    """Where the runs come from that facts of a type can change."""
    return tuple(source for source in SOURCES if any(kind == each.TYPE for each in source.made_of))


def _of_alert(alert: Alert) -> Iterator[Run]:
    """The window that is open, and the cap. The dates are those that stand in the ladder's events."""
    if alert.window_open and alert.day0:
        yield Run(timer="R", about=alert.alert_id, started_on=alert.day0, due_on=alert.due_on)
    if alert.raised_on and alert.cap_on:
        closed_on = calendar.london_date(alert.closed_at) if alert.closed_at else None
        yield Run(
            timer="CAP",
            about=alert.alert_id,
            started_on=alert.raised_on,
            met_on=closed_on,
            due_on=alert.cap_on,
        )


def _begun(run: Run) -> tuple[date, date]:
    return run.started_on, run.met_on or date.max


def term(run: Run, rule: Timescale, days: Calendar, nth: int = 1) -> Term:
    """The term that a rule sets for a run."""
    counted = _counted(run, rule, days)
    met_at, ended_at = _over(run)
    soon_on = max(counted.warnings, default=counted.due_on) if counted else None
    return Term(
        rule=rule.rule,
        timer=rule.timer,
        basis=rule.basis,
        unit=rule.unit,
        about=run.about,
        nth=nth,
        outcome=_outcome(counted, met_at, ended_at),
        started_on=run.started_on,
        due_on=counted.due_on if counted else None,
        soon_on=soon_on,
        warnings=counted.warnings if counted else (),
        met_on=run.met_on or (calendar.london_date(run.met_at) if run.met_at else None),
        ended_on=run.ended_on if ended_at else None,
        over_at=counted.over_at if counted else None,
        soon_at=calendar.london_midnight(soon_on) if soon_on else None,
        met_at=met_at,
        ended_at=ended_at,
    )


def outcome(run: Run, rule: Timescale, days: Calendar) -> Outcome:
    """What the term comes to that a rule sets for a run."""
    return _outcome(_counted(run, rule, days), *_over(run))


def _over(run: Run) -> tuple[datetime | None, datetime | None]:
    """The instants at which it was met, or else what it is for ended."""
    met_at = run.met_at or (calendar.london_midnight(run.met_on) if run.met_on else None)
    return met_at, calendar.london_midnight(run.ended_on) if run.ended_on and not met_at else None


def _counted(run: Run, rule: Timescale, days: Calendar) -> _Days | None:
    try:
        return _count(run, rule, days)
    except BeyondCalendar:
        return None


def _outcome(counted: _Days | None, met_at: datetime | None, ended_at: datetime | None) -> Outcome:
    if counted is None:
        return Outcome.UNKNOWN
    if met_at:
        return Outcome.MET_LATE if met_at >= counted.over_at else Outcome.MET
    if ended_at:
        return Outcome.LAPSED if ended_at >= counted.over_at else Outcome.DROPPED
    return Outcome.PENDING


def _count(run: Run, rule: Timescale, days: Calendar) -> _Days:
    if rule.unit is Unit.HOURS:
        start = run.started_at or calendar.london_midnight(run.started_on)
        over_at = start + timedelta(hours=rule.limit, microseconds=1)
        warnings = [calendar.london_date(start + timedelta(hours=hours)) for hours in rule.warn_at]
        return _Days(calendar.london_date(over_at), over_at, tuple(warnings))
    due_on = run.due_on or count(run.started_on, rule.limit, rule.unit, days)
    warnings = [count(run.started_on, amount, rule.unit, days) for amount in rule.warn_at]
    return _Days(due_on, calendar.london_midnight(due_on + timedelta(days=1)), tuple(warnings))


def count(start: date, amount: int, unit: Unit, days: Calendar) -> date:
    """The day that lies so many days, weeks or months after `start`. Raises `BeyondCalendar`."""
    match unit:
        case Unit.WORKING_DAYS:
            return calendar.add_working_days(start, amount, days)
        case Unit.MONTHS:
            return calendar.add_months(start, amount)
        case Unit.WEEKS:
            return start + timedelta(weeks=amount)
        case Unit.CALENDAR_DAYS | Unit.HOURS:
            return start + timedelta(days=amount)
