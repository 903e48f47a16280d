"""What changed in a case from one moment to another, in plain words that name roles, accounts and days."""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Final

from msgspec import Struct

from services.cli.replay.standing import Standing
from services.domain import calendar
from services.domain.alert import AT, AlertState
from services.domain.deadlines import Deadline, DeadlineState
from services.domain.sentence import rung_title
from services.domain.state.status import CaseStatus
from services.domain.timescale import Unit
from services.domain.timescales import TIMESCALES
from services.projector.views.alerts import AlertRow


class Kind(StrEnum):
    """What part of a case a change is of."""

    STATUS = "status"
    LADDER = "ladder"
    DEADLINE = "deadline"
    VOIDED = "voided"


class Change(Struct, frozen=True):
    """One change; `text` completes a line that begins with its kind."""

    kind: Kind
    text: str


STATUSES: Final = {
    CaseStatus.UNKNOWN: "none, as nothing that is recorded gives it one",
    CaseStatus.CONTACT_ONLY: "a contact, and no more",
    CaseStatus.CLOSED: "closed",
    CaseStatus.REFERRED: "referred",
    CaseStatus.ASSESSING: "being assessed",
    CaseStatus.S47_ENQUIRY: "under section 47 enquiry",
    CaseStatus.CIN_PLAN: "on a child in need plan",
    CaseStatus.CP_PLAN: "on a child protection plan",
    CaseStatus.LOOKED_AFTER: "looked after",
    CaseStatus.ALLEGATION: "an allegation under way",
}
_NOT_BEGUN: Final = "not begun"
_RULES: Final = {each.rule: each for each in TIMESCALES}
_UNITS: Final = {Unit.HOURS: "hour", Unit.WORKING_DAYS: "working day"}
_DECIDED: Final = {
    AlertState.ACCEPTED: "the answer is accepted; it stays open until it is resolved",
    AlertState.REJECTED: "the answer is rejected; it is to go to the next rung",
    AlertState.EXHAUSTED: "no rung is left above, and nobody answered",
    AlertState.RESOLVED: "resolved",
    AlertState.WITHDRAWN: "withdrawn by its raiser",
}


def changes(before: Standing, after: Standing) -> list[Change]:
    """What is otherwise in `after` than in `before`; the passing of time between their moments counts too."""
    found = []
    if before.status is not after.status:
        found.append(Change(Kind.STATUS, f"{status(before)} → {status(after)}"))
    for alert_id in before.alerts | after.alerts:
        on = calendar.london_date(after.moment)
        told = _of_alert(before.alerts.get(alert_id), after.alerts.get(alert_id), on)
        found += [Change(Kind.LADDER, f"{alert_id}: {text}") for text in told]
    for deadline_id in before.deadlines | after.deadlines:
        text = _of_deadline(before.deadlines.get(deadline_id), after.deadlines.get(deadline_id))
        found += [Change(Kind.DEADLINE, text)] if text else []
    return found


def status(standing: Standing) -> str:
    """The status in words."""
    return STATUSES[standing.status] if standing.status else _NOT_BEGUN


def alert(row: AlertRow, on: date) -> str:
    """Where an alert stands on a London date."""
    if row.state is AlertState.INFORMAL:
        return "tried informally, not raised yet"
    if row.state is AlertState.AWAITING_IRO:
        return f"answered by {row.steps[-1].answered_by}; the reviewer is to decide"
    if row.state in _DECIDED:
        return _DECIDED[row.state]
    return f"{rung_title(row.rung, on)} is to answer by {day(row.due_on)}"


def deadline(each: Deadline) -> str:
    """How a deadline stands, after its name."""
    match each.state:
        case DeadlineState.MET:
            return f"{_name(each)}: met on {day(each.met_on)}, was due by {day(each.due_on)}"
        case DeadlineState.MET_LATE:
            return f"{_name(each)}: met on {day(each.met_on)}, {_late(each)} late"
        case DeadlineState.OVERDUE:
            return f"{_name(each)}: overdue, was due by {day(each.due_on)}"
        case DeadlineState.LAPSED:
            return f"{_name(each)}: never done, and {_late(each)} late when it ended"
        case DeadlineState.UNKNOWN:
            return f"{_name(each)}: cannot be counted, beyond the known calendar"
        case DeadlineState.OPEN | DeadlineState.DUE_SOON:
            return f"{_name(each)}: due by {day(each.due_on)}"


def day(on: date | None) -> str:
    """A date with its weekday, short."""
    return f"{on:%a} {on.day} {on:%b %Y}" if on else "a day that is not known"


def _of_alert(before: AlertRow | None, after: AlertRow | None, on: date) -> Iterator[str]:
    if after is None:
        yield "gone; what it began with was recorded in error"
        return
    if before is None or (before.state, before.rung, before.due_on) != (
        after.state,
        after.rung,
        after.due_on,
    ):
        raised = after.raised_on and not (before and before.raised_on)
        begins = "raised; " if raised else _climbed(before, after, on)
        yield f"{begins}{alert(after, on)}"
    if after.repeat_of and not (before and before.repeat_of):
        yield f"a repeat of {after.repeat_of}, same case and same issue"
    if after.cap_reached and not (before and before.cap_reached):
        yield "the statutory 20 working days are over"
    if after.cafcass_open is not (before is not None and before.cafcass_open):
        yield "referred to CAFCASS too" if after.cafcass_open else "CAFCASS has answered"
    if after.acknowledged and not (before and before.acknowledged):
        yield "seen by its rung; the window runs on"


def _climbed(before: AlertRow | None, after: AlertRow, on: date) -> str:
    if before is None or before.rung is None or before.rung is after.rung:
        return ""
    waits = after.state is AT[after.rung] if after.rung else False
    to = "" if waits else f" to {rung_title(after.rung, on)}"  # else it is said who is to answer
    return f"up from {rung_title(before.rung, on)}{to}; "


def _of_deadline(before: Deadline | None, after: Deadline | None) -> str | None:
    if after is None:
        return f"{_name(before)}: falls away" if before else None
    kept = before and (before.due_on, before.met_on) == (after.due_on, after.met_on)
    if before and kept and _settled(before) == _settled(after):
        return None
    moved = before and not before.met_on and not after.met_on and before.due_on != after.due_on
    return f"{deadline(after)}{f', not {day(before.due_on)}' if moved and before else ''}"


def _settled(each: Deadline) -> DeadlineState:
    """Its state, less the warnings before it."""
    return DeadlineState.OPEN if each.state is DeadlineState.DUE_SOON else each.state


def _name(each: Deadline) -> str:
    return f"{_RULES[each.rule].name} ({each.about})"


def _late(each: Deadline) -> str:
    if each.late_by is None:
        return "by how much cannot be counted,"
    unit = _UNITS.get(_RULES[each.rule].unit, "day")
    return f"{each.late_by} {unit}{'' if each.late_by == 1 else 's'}"
