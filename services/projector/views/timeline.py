"""Timeline: every event of a case in order, the voided too, each in one sentence free of personal data."""

from datetime import date, datetime

from msgspec import Struct

from services.domain.case import voided
from services.domain.event import Recorded
from services.domain.facts import of_record
from services.domain.sentence import sentence
from services.projector.views.history import History


class TimelineRow(Struct, frozen=True, kw_only=True):
    """One event: `time` is when it happened, `recordedat` when the ledger wrote it.

    `happened_on` is the London date of it by its own account: that may lie before the one of `time`.
    """

    case_id: str
    position: int
    caseversion: int
    event_id: str
    type: str
    time: datetime
    recordedat: datetime
    actor: str | None
    actorrole: str | None
    flags: list[str]
    alert_id: str | None
    voided: bool
    sentence: str
    happened_on: date


def view(history: History) -> list[TimelineRow]:
    """A row for every event."""
    gone = voided(history)
    return [_row(record, record.caseversion in gone) for record in history]


def _row(record: Recorded, is_voided: bool) -> TimelineRow:  # noqa: FBT001 - one of the row's own columns
    return TimelineRow(
        case_id=record.stream,
        position=record.position,
        caseversion=record.caseversion,
        event_id=record.id,
        type=record.event.TYPE,
        time=record.time,
        recordedat=record.recordedat,
        actor=record.author,
        actorrole=record.actorrole,
        flags=list(record.flags),
        alert_id=getattr(record.event, "alert_id", None),
        voided=is_voided,
        sentence=sentence(record),
        happened_on=of_record(record).on,
    )
