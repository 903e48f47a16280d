"""What queries answer: the views' rows, and what only the moment of asking can add."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import msgspec
from msgspec import Struct

from services.domain import calendar
from services.domain.alert import AT
from services.domain.calendar import BeyondCalendar, Calendar
from services.projector.views.alerts import AlertRow
from services.projector.views.notifications import NotificationRow
from services.projector.views.status import StatusRow
from services.projector.views.timeline import TimelineRow

WAITING_STATES: Final = frozenset(AT.values())


class Case(StatusRow, frozen=True, kw_only=True):
    """One case. `parked`: it has later events that this release cannot take in; `/v1/lag` says why."""

    parked: bool


class Alert(AlertRow, frozen=True, kw_only=True):
    """One alert with its steps. `days_left` is in working days: negative if overdue, null if none is due."""

    days_left: int | None


class CasePage(Struct, frozen=True):
    """Cases in order of their ids; `next` is the cursor of the page after this, if there is one."""

    items: list[Case]
    next: str | None


class TimelinePage(Struct, frozen=True):
    """Events in order of their positions."""

    items: list[TimelineRow]
    next: str | None


class AlertPage(Struct, frozen=True):
    """Alerts in the order in which they began, which never changes: each is on one page exactly."""

    items: list[Alert]
    next: str | None


class NotificationPage(Struct, frozen=True):
    """Messages in the order of their first attempts."""

    items: list[NotificationRow]
    next: str | None


def case_of(row: Mapping[str, Any]) -> Case:
    """One case of a row of `cases.sql` or `case.sql`."""
    return msgspec.convert(dict(row), Case)


def event_of(row: Mapping[str, Any]) -> TimelineRow:
    """One event of a row of `timeline.sql`."""
    return msgspec.convert(dict(row), TimelineRow)


def notification_of(row: Mapping[str, Any]) -> NotificationRow:
    """One message of a row of `notifications.sql`."""
    return msgspec.convert(dict(row), NotificationRow)


def alert_of(row: Mapping[str, Any], today: date, days: Calendar) -> Alert:
    """One alert of a row of `alerts.sql` or `alert.sql`, as it looks on the London date `today`."""
    left = _days_left(row["state"], row["due_on"], today, days)
    return msgspec.convert({**row, "steps": msgspec.json.decode(row["steps"]), "days_left": left}, Alert)


def _days_left(state: str, due_on: date | None, today: date, days: Calendar) -> int | None:
    if due_on is None or state not in WAITING_STATES:
        return None
    try:
        return calendar.working_days_between(today, due_on, days)
    except BeyondCalendar:
        return None
