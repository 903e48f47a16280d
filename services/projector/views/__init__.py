"""The views: each a pure function of one stream's history, in a module of its own, with a table beside it.

A view that is added here, with a migration for its table and its two statements, is projected and rebuilt.
Some ask for the office's calendar too; they are a function of both.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from msgspec.structs import astuple

from services.domain.calendar import Calendar
from services.projector.views import (
    alerts,
    claims,
    deadlines,
    lists,
    looks,
    notifications,
    openings,
    status,
    teams,
    timeline,
)
from services.projector.views.history import History


class View(NamedTuple):
    """A table, the rows that it is to have for a case, its columns in order, and how a row fills them."""

    table: str
    rows: Callable[[History], Sequence[Any]]
    columns: tuple[str, ...]
    record: Callable[[Any], Sequence[object]] = astuple
    of_access_logs: bool = False
    """Whether it is of the logs of who was shown what, and else of cases."""


VIEWS = (
    View("case_status", status.view, status.StatusRow.__struct_fields__),
    View("timeline", timeline.view, timeline.TimelineRow.__struct_fields__),
    View("alert", alerts.view, alerts.AlertRow.__struct_fields__, alerts.columns),
    View("notification", notifications.view, notifications.NotificationRow.__struct_fields__),
    View("listed", lists.view, lists.ListedRow.__struct_fields__),
    View("claim", claims.view, claims.ClaimRow.__struct_fields__),
    View("team_held", teams.view, teams.TeamRow.__struct_fields__),
    View("opening", openings.view, openings.OpeningRow.__struct_fields__),
    View("look", looks.view, looks.LookRow.__struct_fields__, of_access_logs=True),
)


class DatedView(NamedTuple):
    """The same of a view that counts days."""

    table: str
    rows: Callable[[History, Calendar], Sequence[Any]]
    columns: tuple[str, ...]
    record: Callable[[Any], Sequence[object]] = astuple


DATED_VIEWS = (DatedView("deadline", deadlines.view, deadlines.COLUMNS, deadlines.columns),)
