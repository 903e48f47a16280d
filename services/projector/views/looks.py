"""Looks: one row for each time that somebody was shown what is sealed of a case.

Each row is told by one event alone. So a log that grows for years is never read again for one look more.
"""

from datetime import datetime

from msgspec import Struct

from services.domain.events.viewing import RecordViewed
from services.projector.views.history import History


class LookRow(Struct, frozen=True, kw_only=True):
    """One look: `teams` are those that the reader was of then."""

    stream: str
    position: int
    case_id: str
    who: str | None
    looked_at: datetime
    purpose: str
    fields: list[str]
    versions: str
    teams: list[str]


def view(history: History) -> list[LookRow]:
    """A row for every look of a log."""
    return [
        LookRow(
            stream=record.stream,
            position=record.position,
            case_id=record.event.case_id,
            who=record.author,
            looked_at=record.recordedat,
            purpose=record.event.purpose,
            fields=list(record.event.fields),
            versions=record.event.versions,
            teams=[*record.event.teams],
        )
        for record in history
        if isinstance(record.event, RecordViewed)
    ]
