"""What is due in a case, what was done in time, and what is late: by which rule, and by how much.

Worked out from the dates on which things happened, never from those on which they were recorded: typing late
makes nothing late. Pure: the same case, instant and calendar give the same deadlines.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from services.domain import calendar
from services.domain.alert import Alert
from services.domain.calendar import BeyondCalendar, Calendar
from services.domain.case import Case
from services.domain.facts import Facts
from services.domain.timers import allegation, care, fostering, need, protection
from services.domain.timers.run import Run
from services.domain.timescale import Timescale, Unit, in_force
from services.domain.timescales import TIMESCALES


class DeadlineState(StrEnum):
    """How a deadline stands."""

    OPEN = "OPEN"
    DUE_SOON = "DUE_SOON"
    OVERDUE = "OVERDUE"
    MET = "MET"
    MET_LATE = "MET_LATE"
    LAPSED = "LAPSED"
    """What it was for ended first, and it was late already."""
    UNKNOWN = "UNKNOWN"
    """It cannot be counted: a day lies beyond the known calendar."""


class Deadline(Struct, frozen=True, kw_only=True):
    """One run of a timer under one rule. Dates are Europe/London; through the end of `due_on` is in time.

    `late_by` is counted in the unit of its rule for working days and hours, and else in calendar days.
    `soon_on` is when the last warning is due; `warnings` are all of them.
    """

    rule: str
    timer: str
    about: str
    state: DeadlineState
    started_on: date
    due_on: date | None = None
    soon_on: date | None = None
    warnings: tuple[date, ...] = ()
    met_on: date | None = None
    late_by: int = 0
    calendar_version: str


class _Term(Struct, frozen=True):
    """The days of one deadline; from the instant `over_at` on it is late."""

    due_on: date
    over_at: datetime
    warnings: tuple[date, ...]


def deadlines(case: Case, now: datetime, days: Calendar) -> tuple[Deadline, ...]:
    """Every deadline of a case at `now`, in order of due dates; one for each rule that is in force."""
    found = [each for run in runs(case) for each in _under_each_rule(run, now, days)]
    return tuple(sorted(found, key=lambda each: (each.due_on or date.max, each.rule, each.about)))


def is_met_late(before: Facts, after: Facts, now: datetime, days: Calendar) -> bool:
    """Whether what was told last meets a timer, and late by every rule under which it is counted."""
    known = set(of_facts(before))
    for run in of_facts(after):
        if run not in known and run.met_on:
            under = {each.state for each in _under_each_rule(run, now, days)}
            if under == {DeadlineState.MET_LATE}:
                return True
    return False


def runs(case: Case) -> Iterator[Run]:
    """Every run of every timer of a case."""
    yield from of_facts(case.facts)
    for alert in case.alerts.values():
        yield from _of_alert(alert)


def of_facts(facts: Facts) -> Iterator[Run]:
    """Every run of every timer that facts start."""
    for family in (need, protection, care, fostering, allegation):
        yield from family.runs(facts)


def _of_alert(alert: Alert) -> Iterator[Run]:
    """The window that is open, and the cap. The ladder's own dates stand in its events and are the same."""
    if alert.window_open and alert.day0:
        yield Run(timer="R", about=alert.alert_id, started_on=alert.day0)
    if alert.raised_on and alert.cap_on:
        closed_on = calendar.london_date(alert.closed_at) if alert.closed_at else None
        yield Run(timer="CAP", about=alert.alert_id, started_on=alert.raised_on, met_on=closed_on)


def _under_each_rule(run: Run, now: datetime, days: Calendar) -> Iterator[Deadline]:
    for rule in in_force(TIMESCALES, run.timer, run.started_on):
        try:
            deadline = _deadline(run, rule, now, days)
        except BeyondCalendar:
            deadline = _of(run, rule, DeadlineState.UNKNOWN, days)
        if deadline:
            yield deadline


def _deadline(run: Run, rule: Timescale, now: datetime, days: Calendar) -> Deadline | None:
    """One deadline; none when what it was for ended in time without it."""
    term = _term(run, rule, days)
    met_at = run.met_at or (calendar.london_midnight(run.met_on) if run.met_on else None)
    ended_at = calendar.london_midnight(run.ended_on) if run.ended_on else None
    ended = met_at is None and ended_at is not None and ended_at <= now  # it may end on a day to come
    until = met_at or (ended_at if ended and ended_at else now)
    late = until >= term.over_at
    if ended and not late:
        return None
    if met_at:
        state = DeadlineState.MET_LATE if late else DeadlineState.MET
    elif ended:
        state = DeadlineState.LAPSED
    elif late:
        state = DeadlineState.OVERDUE
    else:
        soon = calendar.london_date(now) >= max(term.warnings, default=term.due_on)
        state = DeadlineState.DUE_SOON if soon else DeadlineState.OPEN
    return _of(run, rule, state, days, term, _lateness(term, rule, until, days) if late else 0)


def _of(  # noqa: PLR0913, PLR0917 - the parts of a deadline, each worked out above
    run: Run,
    rule: Timescale,
    state: DeadlineState,
    days: Calendar,
    term: _Term | None = None,
    late_by: int = 0,
) -> Deadline:
    met_on = run.met_on or (calendar.london_date(run.met_at) if run.met_at else None)
    return Deadline(
        rule=rule.rule,
        timer=rule.timer,
        about=run.about,
        state=state,
        started_on=run.started_on,
        due_on=term.due_on if term else None,
        soon_on=max(term.warnings, default=term.due_on) if term else None,
        warnings=term.warnings if term else (),
        met_on=met_on,
        late_by=late_by,
        calendar_version=days.version,
    )


def _term(run: Run, rule: Timescale, days: Calendar) -> _Term:
    if rule.unit is Unit.HOURS:
        start = run.started_at or calendar.london_midnight(run.started_on)
        over_at = start + timedelta(hours=rule.limit, microseconds=1)
        warnings = [calendar.london_date(start + timedelta(hours=hours)) for hours in rule.warn_at]
        return _Term(calendar.london_date(over_at), over_at, tuple(warnings))
    due_on = count(run.started_on, rule.limit, rule.unit, days)
    warnings = [count(run.started_on, amount, rule.unit, days) for amount in rule.warn_at]
    return _Term(due_on, calendar.london_midnight(due_on + timedelta(days=1)), tuple(warnings))


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


def _lateness(term: _Term, rule: Timescale, until: datetime, days: Calendar) -> int:
    if rule.unit is Unit.HOURS:
        return int((until - term.over_at) / timedelta(hours=1)) + 1
    day = calendar.london_date(until)
    if rule.unit is Unit.WORKING_DAYS:
        return calendar.working_days_between(term.due_on, day, days)
    return (day - term.due_on).days
