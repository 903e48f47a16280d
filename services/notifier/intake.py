"""Read a batch of the stream: what of it the notifier keeps, and what it is to look at again.

Pure. What is about neither an alert nor the office is passed over by its envelope alone.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, get_args

from msgspec import Struct, ValidationError, field, json

from services.domain.errors import UnknownEventType
from services.domain.event import Recorded, decode
from services.domain.events.alert import AlertEvent, Notification, NotificationFailed
from services.domain.events.correction import EventVoided
from services.domain.events.office import RungHolderAppointed, RungHolderStoodDown
from services.domain.events.restriction import RESTRICTION_TYPES
from services.domain.office import OFFICE
from services.notifier import attempts

SOURCE: Final = "/notifier"
ALERT_TYPES = frozenset(event.TYPE for event in get_args(AlertEvent))
OUTCOME_TYPES = frozenset(event.TYPE for event in get_args(AlertEvent) if issubclass(event, Notification))
APPOINTMENTS = frozenset(
    {RungHolderAppointed.TYPE, RungHolderStoodDown.TYPE}
)  # concern one rung and one person


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of an attempt; `again_at` is set while the message is still to be sent."""

    notification_id: str
    channel: str
    case_id: str
    alert_id: str
    kind: str
    rung: str | None
    holder: str
    attempt: int
    error: str | None
    recorded_at: datetime
    again_at: datetime | None

    @property
    def state(self) -> str:
        """The state of the delivery."""
        return "SENT" if self.error is None else "PENDING" if self.again_at else "DEAD"


class Kept(Struct, frozen=True):
    """A document that is kept."""

    position: int
    case_id: str
    document: str


class Intake(Struct, kw_only=True):
    """What one batch means; instants are those of the earliest event concerned.

    `everybody` says that the office changed in a way that may concern any open alert.
    """

    kept: list[Kept] = field(default_factory=list)
    alerts: dict[tuple[str, str], datetime] = field(default_factory=dict)
    cases: dict[str, datetime] = field(default_factory=dict)
    rungs: set[str] = field(default_factory=set)
    holders: set[str] = field(default_factory=set)
    office_changed_at: datetime | None = None
    everybody: bool = False
    outcomes: dict[tuple[str, str], Outcome] = field(default_factory=dict)
    restrictions: list[Kept] = field(default_factory=list)


class _Subject(Struct):
    """What `data` says of whom an event is about; other events may mean anything by these names."""

    alert_id: Any = None
    rung: Any = None
    holder: Any = None


class _Envelope(Struct):
    """As much of a document as tells whether it matters here."""

    type: str
    subject: str
    recordedat: datetime
    data: _Subject


_envelopes = json.Decoder(_Envelope)


def read(batch: Iterable[tuple[int, bytes]]) -> Intake:
    """Read the documents of a batch."""
    intake = Intake()
    for position, document in batch:
        envelope = _envelopes.decode(document)
        if envelope.subject == OFFICE and envelope.type in OUTCOME_TYPES:
            _read_outcome(intake, document)
            continue  # nothing is folded from what became of a digest
        if envelope.subject == OFFICE:
            _read_office(intake, envelope)
        elif envelope.type in ALERT_TYPES and envelope.data.alert_id:
            intake.alerts.setdefault((envelope.subject, envelope.data.alert_id), envelope.recordedat)
            if envelope.type in OUTCOME_TYPES:
                _read_outcome(intake, document)
        elif envelope.type in RESTRICTION_TYPES:
            intake.restrictions.append(Kept(position, envelope.subject, document.decode()))
            continue
        elif envelope.type == EventVoided.TYPE:
            intake.cases.setdefault(envelope.subject, envelope.recordedat)
        else:
            continue
        intake.kept.append(Kept(position, envelope.subject, document.decode()))
    return intake


def _read_office(intake: Intake, envelope: _Envelope) -> None:
    intake.office_changed_at = intake.office_changed_at or envelope.recordedat
    if envelope.type not in APPOINTMENTS:
        intake.everybody = True
    if envelope.data.rung:
        intake.rungs.add(envelope.data.rung)
    if envelope.data.holder:
        intake.holders.add(envelope.data.holder)


def _read_outcome(intake: Intake, document: bytes) -> None:
    try:
        record = decode(document)
    except (UnknownEventType, ValidationError):
        return  # a newer release's; its alert is parked when it is looked at, and says so
    if not isinstance(record.event, Notification) or record.source != SOURCE:
        return  # somebody else told somebody: a fact about the alert, no delivery of ours
    if outcome := _outcome(record, record.event):
        intake.outcomes[outcome.notification_id, outcome.channel] = outcome


def _outcome(record: Recorded, event: Notification) -> Outcome | None:
    if event.channel is None or event.holder is None:
        return None  # there was nobody to tell
    error = (event.error or "UNKNOWN") if isinstance(event, NotificationFailed) else None
    return Outcome(
        notification_id=event.notification_id,
        channel=event.channel,
        case_id=record.stream,
        alert_id=event.alert_id,
        kind=event.kind,
        rung=event.rung,
        holder=event.holder,
        attempt=event.attempt,
        error=error,
        recorded_at=record.recordedat,
        again_at=attempts.again_at(event.attempt, error, record.recordedat) if error else None,
    )
