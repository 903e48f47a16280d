"""Claims: what keeps a case, one row for each rule, with the day from which its years count.

How many years they are is policy, which changes without the case: it is asked when somebody asks what is due.
A case that goes on, or is erased, has no row.
"""

from datetime import date

from msgspec import Struct

from services.domain import case as cases
from services.domain import retention
from services.domain.retention import Kept
from services.projector.views.history import History


class ClaimRow(Struct, frozen=True, kw_only=True):
    """One rule keeps the case. `holds` are the ids of the legal holds on it, the same in each of its rows."""

    case_id: str
    rule: str
    start_on: date | None
    holds: list[str]


def view(history: History) -> list[ClaimRow]:
    """A row for each rule that keeps the case."""
    case = cases.refold(history[0].stream, history)
    found = retention.claims(case)
    if isinstance(found, Kept):
        return []
    holds = retention.held_by(case.facts)
    return [
        ClaimRow(case_id=case.case_id, rule=claim.rule, start_on=claim.start, holds=holds) for claim in found
    ]
