"""Deadlines: one row for each run of a timer under one rule, with its days and whose it is.

No clock is asked, so a row changes with its case only, or with the closure days of the office. What it means
at a moment is worked out when somebody asks.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

from msgspec.structs import asdict

from services.domain import case as cases
from services.domain.calendar import Calendar
from services.domain.state import allocation
from services.domain.state.allocation import Allocation, allocations
from services.domain.terms import Term, terms
from services.projector.views.history import History

COLUMNS: Final = ("case_id", "deadline_id", *Term.__struct_fields__, "team", "worker")


class DeadlineRow(NamedTuple):
    """One term of a case; its team and worker are those who had the case when it was settled, or have it."""

    case_id: str
    term: Term
    team: str | None
    worker: str | None


def view(history: History, days: Calendar) -> list[DeadlineRow]:
    """A row for each term of the case, in the order in which they started."""
    case = cases.refold(history[0].stream, history)
    allocated = allocations(case.facts)
    return [_row(case.case_id, term, allocated) for term in terms(case, days)]


def columns(row: DeadlineRow) -> Sequence[object]:
    """The row as its table keeps it: an array comes back as a list."""
    term = {**asdict(row.term), "warnings": list(row.term.warnings)}
    return (row.case_id, row.term.deadline_id, *term.values(), row.team, row.worker)


def _row(case_id: str, term: Term, allocated: Sequence[Allocation]) -> DeadlineRow:
    owner = allocation.on(allocated, term.met_on or term.ended_on or date.max)
    return DeadlineRow(case_id, term, owner.team if owner else None, owner.worker if owner else None)
