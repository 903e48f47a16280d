"""What is known of one practice alert, folded from its events in the order in which they were recorded.

The fold never raises and needs no calendar: the ladder's dates stand in the events. What the fold cannot
use (an answer from a rung that the alert has left, an event of an alert that was voided) changes nothing.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from services.domain import calendar
from services.domain.event import Recorded
from services.domain.events.alert import (
    AlertEvent,
    CafcassOutcomeReceived,
    CafcassReferralMade,
    Escalation,
    InformalResolutionAttempted,
    IssueCode,
    LadderExhausted,
    NotificationFailed,
    NotificationSent,
    PracticeAlertAcknowledged,
    PracticeAlertRaised,
    PracticeAlertResolved,
    PracticeAlertWithdrawn,
    RaiserRole,
    ResponseAccepted,
    ResponseReceived,
    ResponseRejected,
    Rung,
    StatutoryCapReached,
)


class AlertState(StrEnum):
    """Where an alert stands."""

    INFORMAL = "INFORMAL"
    AT_TEAM_MANAGER = "AT_TEAM_MANAGER"
    AT_SERVICE_MANAGER = "AT_SERVICE_MANAGER"
    AT_HEAD_OF_SERVICE = "AT_HEAD_OF_SERVICE"
    AT_DIRECTOR = "AT_DIRECTOR"
    AT_CHAIR = "AT_CHAIR"
    AWAITING_IRO = "AWAITING_IRO"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    EXHAUSTED = "EXHAUSTED"
    RESOLVED = "RESOLVED"
    WITHDRAWN = "WITHDRAWN"


AT: dict[Rung, AlertState] = {
    Rung.TEAM_MANAGER: AlertState.AT_TEAM_MANAGER,
    Rung.SERVICE_MANAGER: AlertState.AT_SERVICE_MANAGER,
    Rung.HEAD_OF_SERVICE: AlertState.AT_HEAD_OF_SERVICE,
    Rung.DIRECTOR_OF_CHILDRENS_SERVICES: AlertState.AT_DIRECTOR,
    Rung.LSCB_CHAIR: AlertState.AT_CHAIR,
}
CLOSED = frozenset({AlertState.RESOLVED, AlertState.WITHDRAWN})


class Response(Struct, frozen=True, kw_only=True):
    """The answer that the reviewer is to accept or reject; `received_on` is the London date of recording.

    `author` is who told the ledger so, which may be another than its `responder`.
    """

    rung: Rung
    responder: str
    received_on: date
    author: str | None = None


class Alert(Struct, frozen=True, kw_only=True):
    """One alert. Dates are Europe/London; `day0` and `due_on` are those of the window opened last."""

    case_id: str
    alert_id: str
    state: AlertState
    raised_by: str | None = None
    raised_by_role: RaiserRole | None = None
    issue_code: IssueCode | None = None
    raised_at: datetime | None = None
    raised_on: date | None = None
    repeat_of: str | None = None
    rung: Rung | None = None
    rung_since: datetime | None = None
    day0: date | None = None
    due_on: date | None = None
    cap_on: date | None = None
    cap_reached_at: Rung | None = None
    acknowledged: bool = False
    cafcass_open: bool = False
    exhausted_on: date | None = None
    response: Response | None = None
    decided_at: datetime | None = None
    closed_at: datetime | None = None
    told: frozenset[str] = frozenset()

    @property
    def is_open(self) -> bool:
        """Whether the ladder may still move: raised, and neither resolved nor withdrawn."""
        return self.state is not AlertState.INFORMAL and self.state not in CLOSED

    @property
    def cap_reached(self) -> bool:
        """Whether it was open for twenty working days."""
        return self.cap_reached_at is not None

    @property
    def window_open(self) -> bool:
        """Whether a rung is due to answer."""
        return self.rung is not None and self.state is AT[self.rung]


def fold(alert: Alert | None, record: Recorded, event: AlertEvent) -> Alert | None:
    """The alert after `event`; `None` stands for one of which nothing is known yet."""
    match event:
        case InformalResolutionAttempted():
            return alert or _informal(record, event)
        case PracticeAlertRaised():
            return _raised(alert, record, event)
    return alert and _advance(alert, record, event)


def _informal(record: Recorded, event: InformalResolutionAttempted | PracticeAlertRaised) -> Alert:
    return Alert(case_id=record.stream, alert_id=event.alert_id, state=AlertState.INFORMAL)


def _raised(alert: Alert | None, record: Recorded, event: PracticeAlertRaised) -> Alert:
    if alert is not None and alert.state is not AlertState.INFORMAL:
        return alert
    return replace(
        alert or _informal(record, event),
        state=AlertState.AT_TEAM_MANAGER,
        raised_by=event.raised_by or record.author,
        raised_by_role=event.raised_by_role,
        issue_code=event.issue_code,
        raised_at=record.time,
        raised_on=calendar.london_date(record.recordedat),
        repeat_of=event.repeat_of,
        rung=Rung.TEAM_MANAGER,
        rung_since=record.recordedat,
        day0=event.day0,
        due_on=event.due_on,
        cap_on=event.cap_on,
    )


def _advance(alert: Alert, record: Recorded, event: AlertEvent) -> Alert:
    match event:
        case Escalation():
            return _climbed(alert, record, event)
        case ResponseReceived(rung=rung, responder=responder):
            answers = alert.window_open or alert.state is AlertState.EXHAUSTED
            if not answers or rung is not alert.rung:
                return alert
            received_on = calendar.london_date(record.recordedat)
            response = Response(rung=rung, responder=responder, received_on=received_on, author=record.author)
            return replace(alert, state=AlertState.AWAITING_IRO, response=response, decided_at=None)
        case ResponseAccepted():
            return _decided(alert, record, AlertState.ACCEPTED)
        case ResponseRejected():
            return _decided(alert, record, AlertState.REJECTED)
        case LadderExhausted():
            return _exhausted(alert, record)
        case StatutoryCapReached():
            return replace(alert, cap_reached_at=alert.cap_reached_at or alert.rung)
        case PracticeAlertAcknowledged():
            return replace(alert, acknowledged=True)
        case CafcassReferralMade():
            return replace(alert, cafcass_open=True)
        case CafcassOutcomeReceived():
            return replace(alert, cafcass_open=False)
        case PracticeAlertResolved():
            return _closed(alert, record, AlertState.RESOLVED)
        case PracticeAlertWithdrawn():
            return _closed(alert, record, AlertState.WITHDRAWN)
        case NotificationSent(notification_id=notification_id):
            return replace(alert, told=alert.told | {notification_id})
        case NotificationFailed() | InformalResolutionAttempted() | PracticeAlertRaised():
            return alert
        case _:
            assert_never(event)


def _climbed(alert: Alert, record: Recorded, event: Escalation) -> Alert:
    if not alert.is_open or alert.rung is None or list(Rung).index(event.TO) <= list(Rung).index(alert.rung):
        return alert
    return replace(
        alert,
        state=AT[event.TO],
        rung=event.TO,
        rung_since=record.recordedat,
        day0=event.day0,
        due_on=event.due_on,
        acknowledged=False,
        response=None,
        decided_at=None,
    )


def _decided(alert: Alert, record: Recorded, state: AlertState) -> Alert:
    if alert.state is not AlertState.AWAITING_IRO:
        return alert
    return replace(alert, state=state, decided_at=record.recordedat)


def _exhausted(alert: Alert, record: Recorded) -> Alert:
    if alert.rung is not Rung.LSCB_CHAIR or alert.state not in {AlertState.AT_CHAIR, AlertState.REJECTED}:
        return alert
    on = calendar.london_date(record.recordedat)
    return replace(alert, state=AlertState.EXHAUSTED, exhausted_on=on)


def _closed(alert: Alert, record: Recorded, state: AlertState) -> Alert:
    return replace(alert, state=state, closed_at=record.recordedat) if alert.is_open else alert
