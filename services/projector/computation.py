"""Compute a case's rows from its documents; a case that a view cannot compute is parked, and says why.

What is computed of a parked case is what its longest computable beginning tells. So its rows, too, depend
on nothing but its documents: a rebuild gives the same.
"""

from collections.abc import Sequence
from pathlib import PurePath
from traceback import extract_tb
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import astuple

from services.domain.access import case_of
from services.domain.calendar import Calendar, england_and_wales
from services.domain.errors import UnknownEventType
from services.domain.event import Recorded, decode
from services.projector import restricted
from services.projector.restricted import RestrictedRow
from services.projector.views import DATED_VIEWS, VIEWS
from services.projector.views.history import History
from services.runtime.logs import named


class ParkedRow(Struct, frozen=True, kw_only=True):
    """A case whose rows stop before the event at `position`; `error` says why, without its content."""

    case_id: str
    position: int
    error: str


Record = Sequence[object]
"""A row as its table keeps it, less the generation: `(case_id, position, …)`."""


class Table(NamedTuple):
    """A table that rows are computed for."""

    name: str
    columns: tuple[str, ...]


TABLES = (
    *(Table(view.table, view.columns) for view in (*VIEWS, *DATED_VIEWS)),
    Table("restricted", RestrictedRow.__struct_fields__),
    Table("parked", ParkedRow.__struct_fields__),
)


class Computed(NamedTuple):
    """All rows of one case, or of its access log, a list for each of `TABLES`."""

    case_id: str
    records: tuple[list[Record], ...]

    @property
    def is_parked(self) -> bool:
        """Whether its history goes on beyond what could be computed."""
        return bool(self.records[-1])


class Stored(NamedTuple):
    """A document where the ledger put it."""

    position: int
    document: str


class Uncomputable(NamedTuple):
    """Why a history goes no further."""

    position: int
    error: str


def compute(case_id: str, documents: Sequence[Stored], days: Calendar | None = None) -> Computed:
    """Compute every table's rows for one case. `documents` are all it has, in order. Never raises.

    `days` is the office's calendar, and that of this release if the office has no days of its own.
    """
    days = days or england_and_wales()
    history, fault = _read(documents)
    hidden: list[Record] = [astuple(row) for row in restricted.view(case_id, documents)]
    while history:
        try:
            records = _view(history, days)
        except Exception as error:  # noqa: BLE001 - whatever a view stumbles on, the other cases go on
            fault = Uncomputable(history.pop().position, _where(error))
        else:
            return Computed(case_id, (*records, hidden, _parked(case_id, fault)))
    return Computed(case_id, (*([] for _ in (*VIEWS, *DATED_VIEWS)), hidden, _parked(case_id, fault)))


def readable(documents: Sequence[Stored]) -> list[Recorded]:
    """The events of a history, as far as this release can read it."""
    return _read(documents)[0]


def _view(history: History, days: Calendar) -> list[list[Record]]:
    is_log = case_of(history[0].stream) is not None
    timeless = [
        [view.record(row) for row in view.rows(history)] if view.of_access_logs is is_log else []
        for view in VIEWS
    ]
    if is_log:
        return [*timeless, *([] for _ in DATED_VIEWS)]
    return timeless + [[view.record(row) for row in view.rows(history, days)] for view in DATED_VIEWS]


def _read(documents: Sequence[Stored]) -> tuple[list[Recorded], Uncomputable | None]:
    history: list[Recorded] = []
    for position, document in documents:
        try:
            history.append(decode(document))
        except UnknownEventType as error:
            return history, Uncomputable(position, f"UnknownEventType {error}")
        except ValueError as error:  # msgspec's: known by name, but not of the shape that this release knows
            return history, Uncomputable(position, named(error))
    return history, None


def _where(error: Exception) -> str:
    frame = extract_tb(error.__traceback__)[-1]
    return f"{named(error)} at {PurePath(frame.filename).name}:{frame.lineno}"


def _parked(case_id: str, fault: Uncomputable | None) -> list[Record]:
    return [astuple(ParkedRow(case_id=case_id, position=fault.position, error=fault.error))] if fault else []
