"""What is due in a case at a moment, what was done in time, and what is late: by which rule, by how much.

Pure: the same term, instant and calendar give the same deadline. The projector's due board asks its database
for the states of `state_at`, which therefore compares nothing but instants that a term has.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from services.domain import calendar
from services.domain.calendar import BeyondCalendar, Calendar
from services.domain.case import Case
from services.domain.facts import Facts
from services.domain.terms import Outcome, Term, of_facts, outcome, rules_of, sources_of, terms
from services.domain.timers.run import Run
from services.domain.timescale import Basis, Unit


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


LATE = frozenset({DeadlineState.OVERDUE, DeadlineState.MET_LATE, DeadlineState.LAPSED})


class Deadline(Struct, frozen=True, kw_only=True):
    """One term as it stands at a moment. Dates are Europe/London; through the end of `due_on` is in time.

    `late_by` is counted in the unit of its rule for working days and hours, and else in calendar days; null
    if it is late but a day lies beyond the known calendar. `soon_on` is when the last warning is due;
    `warnings` are all of them.
    """

    deadline_id: str
    rule: str
    timer: str
    basis: Basis
    about: str
    state: DeadlineState
    started_on: date
    due_on: date | None
    soon_on: date | None
    warnings: tuple[date, ...]
    met_on: date | None
    ended_on: date | None
    late_by: Annotated[
        int | None,
        Meta(
            description="By how much it is late: in working days or hours for a limit in these, else in "
            "calendar days, as its `rule` counts. 0 if it is not; null if a day lies beyond the known "
            "calendar."
        ),
    ]
    calendar_version: str


def deadlines(case: Case, now: datetime, days: Calendar) -> tuple[Deadline, ...]:
    """Every deadline of a case at `now`, in order of due dates; one for each rule that is in force."""
    judged = (judge(each, now, days) for each in terms(case, days))
    found = [each for each in judged if each]
    return tuple(
        sorted(found, key=lambda each: (each.due_on or date.max, each.rule, each.about, each.started_on))
    )


def is_met_late(before: Facts, after: Facts, kind: str, days: Calendar) -> bool:
    """Whether what was told last, of this type, meets a timer, and late by every rule that counts it."""
    sources = sources_of(kind)
    met = [run for run in of_facts(after, sources) if run.met_on]
    if not met:
        return False
    known = {_which(run) for run in of_facts(before, sources)}
    return any(_is_late(run, days) for run in met if _which(run) not in known)


def _which(run: Run) -> tuple[str, str, date | None]:
    return run.timer, run.about, run.met_on


def _is_late(run: Run, days: Calendar) -> bool:
    return {outcome(run, rule, days) for rule in rules_of(run)} == {Outcome.MET_LATE}


def judge(term: Term, now: datetime, days: Calendar) -> Deadline | None:
    """The deadline that a term is at `now`; none when what it was for ended in time without it."""
    state = state_at(term, now)
    return stand(term, state, now, days) if state else None


def stand(term: Term, state: DeadlineState, now: datetime, days: Calendar) -> Deadline:
    """The deadline that a term is at `now`, at which it stands so."""
    return Deadline(
        deadline_id=term.deadline_id,
        rule=term.rule,
        timer=term.timer,
        basis=term.basis,
        about=term.about,
        state=state,
        started_on=term.started_on,
        due_on=term.due_on,
        soon_on=term.soon_on,
        warnings=term.warnings,
        met_on=term.met_on,
        ended_on=term.ended_on,
        late_by=late_by(term, now, days) if state in LATE else 0,
        calendar_version=days.version,
    )


def state_at(term: Term, now: datetime) -> DeadlineState | None:
    """How a term stands at `now`. Where what it is for ends on a day to come, it is open until then."""
    if term.over_at is None or term.soon_at is None:
        return DeadlineState.UNKNOWN
    if term.met_at:
        return DeadlineState(term.outcome)
    if term.ended_at and term.ended_at <= now:
        return DeadlineState.LAPSED if term.outcome is Outcome.LAPSED else None
    if term.over_at <= now:
        return DeadlineState.OVERDUE
    return DeadlineState.DUE_SOON if term.soon_at <= now else DeadlineState.OPEN


def late_by(term: Term, now: datetime, days: Calendar) -> int | None:
    """By how much a term that is late at `now` is late; `None` if that cannot be counted."""
    if term.over_at is None or term.due_on is None:
        return None
    until = term.met_at or (min(now, term.ended_at) if term.ended_at else now)
    if term.unit is Unit.HOURS:
        return int((until - term.over_at) / timedelta(hours=1)) + 1
    day = calendar.london_date(until)
    if term.unit is not Unit.WORKING_DAYS:
        return (day - term.due_on).days
    try:
        return calendar.working_days_between(term.due_on, day, days)
    except BeyondCalendar:
        return None
