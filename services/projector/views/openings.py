"""Openings: one row for each time that somebody broke the glass of a restricted case, and until when.

They outlast the restriction: a look is judged by whether the glass was broken for it then.
"""

from datetime import datetime

from msgspec import Struct

from services.domain.events.restriction import BreakGlassUsed
from services.projector.views.history import History


class OpeningRow(Struct, frozen=True, kw_only=True):
    """From the event at `position` on, the case was open to `who` until the instant `until`, not included."""

    case_id: str
    position: int
    who: str
    until: datetime


def view(history: History) -> list[OpeningRow]:
    """A row for every opening."""
    return [
        OpeningRow(
            case_id=record.stream, position=record.position, who=record.event.by, until=record.event.until
        )
        for record in history
        if isinstance(record.event, BreakGlassUsed) and record.event.by and record.event.until
    ]
