"""Notifications: one row for each message to one holder by one channel, with what became of it."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from services.domain.event import Recorded
from services.domain.events.alert import (
    Notification,
    NotificationFailed,
    NotificationKind,
    NotificationSent,
    Rung,
)
from services.projector.views.history import History, standing


class NotificationState(StrEnum):
    """What became of a message: sent once any attempt was."""

    SENT = "SENT"
    FAILED = "FAILED"


class NotificationRow(Struct, frozen=True, kw_only=True):
    """One message; `position` is that of its first attempt. `error` is the last attempt's, if it failed."""

    case_id: str
    position: int
    alert_id: str
    notification_id: str
    kind: NotificationKind
    rung: Rung | None
    holder: str | None
    channel: str | None
    state: NotificationState
    attempts: int
    first_at: datetime
    last_at: datetime
    error: str | None


def view(history: History) -> list[NotificationRow]:
    """A row for each message that was attempted, in the order of their first attempts."""
    rows: dict[tuple[str, str, str | None], NotificationRow] = {}
    for record in standing(history):
        event = record.event
        if isinstance(event, NotificationSent | NotificationFailed):
            key = (event.alert_id, event.notification_id, event.channel)
            rows[key] = _again(rows[key], record, event) if key in rows else _first(record, event)
    return list(rows.values())


def _first(record: Recorded, event: Notification) -> NotificationRow:
    return NotificationRow(
        case_id=record.stream,
        position=record.position,
        alert_id=event.alert_id,
        notification_id=event.notification_id,
        kind=event.kind,
        rung=event.rung,
        holder=event.holder,
        channel=event.channel,
        state=_state(event),
        attempts=1,
        first_at=record.time,
        last_at=record.time,
        error=_error(event),
    )


def _again(row: NotificationRow, record: Recorded, event: Notification) -> NotificationRow:
    if row.state is NotificationState.SENT:
        return replace(row, attempts=row.attempts + 1, last_at=record.time)
    state, error = _state(event), _error(event)
    return replace(row, state=state, attempts=row.attempts + 1, last_at=record.time, error=error)


def _state(event: Notification) -> NotificationState:
    return NotificationState.SENT if isinstance(event, NotificationSent) else NotificationState.FAILED


def _error(event: Notification) -> str | None:
    return event.error if isinstance(event, NotificationFailed) else None
