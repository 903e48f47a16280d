"""Alerts: one row a practice alert, with every step it took up the ladder and who was told of each."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import get_args

from msgspec import Struct, json
from msgspec.structs import astuple

from services.domain import alert as alerts
from services.domain.alert import Alert, AlertState
from services.domain.events.alert import (
    AlertEvent,
    IssueCode,
    PracticeAlertResolved,
    RaiserRole,
    Resolution,
    Rung,
)
from services.projector.views.history import History, standing
from services.projector.views.steps import Ladder, Step

_ALERT_EVENTS = get_args(AlertEvent)


class AlertRow(Struct, frozen=True, kw_only=True):
    """One alert. Dates are Europe/London; `position` is that of the event that it began with."""

    case_id: str
    position: int
    alert_id: str
    state: AlertState
    open: bool
    rung: Rung | None
    day0: date | None
    due_on: date | None
    cap_on: date | None
    cap_reached: bool
    repeat_of: str | None
    repeats: list[str]
    cafcass_open: bool
    acknowledged: bool
    issue_code: IssueCode | None
    raised_by: str | None
    raised_by_role: RaiserRole | None
    raised_at: datetime | None
    raised_on: date | None
    exhausted_on: date | None
    resolution: Resolution | None
    resolved_on: date | None
    resolved_at_rung: Rung | None
    closed_at: datetime | None
    last_position: int
    steps: list[Step]


class _Life(Struct):
    """What is gathered of one alert while its history is read."""

    alert: Alert
    first: int
    last: int
    ladder: Ladder
    resolved: PracticeAlertResolved | None = None


def view(history: History) -> list[AlertRow]:
    """A row for each alert of the case, in the order in which they began."""
    lives: dict[str, _Life] = {}
    for record in standing(history):
        event = record.event
        if not isinstance(event, _ALERT_EVENTS):
            continue
        life = lives.get(event.alert_id)
        before = life.alert if life else None
        after = alerts.fold(before, record, event)
        if after is None:
            continue
        if life is None:
            life = lives[event.alert_id] = _Life(after, record.position, record.position, Ladder())
        life.ladder.take(before, after, record, event)
        if isinstance(event, PracticeAlertResolved) and before and before.is_open:
            life.resolved = event
        life.alert, life.last = after, record.position
    return [_row(history[0].stream, life, _repeats(life.alert, lives)) for life in lives.values()]


def columns(row: AlertRow) -> Sequence[object]:
    """The row as its table keeps it: the steps are JSON there."""
    return (*astuple(row)[:-1], json.encode(row.steps).decode())


def _repeats(alert: Alert, lives: dict[str, _Life]) -> list[str]:
    return [each.alert.alert_id for each in lives.values() if each.alert.repeat_of == alert.alert_id]


def _row(case_id: str, life: _Life, repeats: list[str]) -> AlertRow:
    alert, resolved = life.alert, life.resolved
    return AlertRow(
        case_id=case_id,
        position=life.first,
        alert_id=alert.alert_id,
        state=alert.state,
        open=alert.is_open,
        rung=alert.rung,
        day0=alert.day0,
        due_on=alert.due_on,
        cap_on=alert.cap_on,
        cap_reached=alert.cap_reached,
        repeat_of=alert.repeat_of,
        repeats=repeats,
        cafcass_open=alert.cafcass_open,
        acknowledged=alert.acknowledged,
        issue_code=alert.issue_code,
        raised_by=alert.raised_by,
        raised_by_role=alert.raised_by_role,
        raised_at=alert.raised_at,
        raised_on=alert.raised_on,
        exhausted_on=alert.exhausted_on,
        resolution=resolved.resolution if resolved else None,
        resolved_on=resolved.resolved_on if resolved else None,
        resolved_at_rung=resolved.at_rung if resolved else None,
        closed_at=alert.closed_at,
        last_position=life.last,
        steps=life.ladder.steps,
    )
