"""The steps of one alert: each rung's window, its answer, and who was told what about it."""

from datetime import date, datetime

from msgspec import Struct, field

from services.domain.alert import Alert, AlertState
from services.domain.event import Recorded
from services.domain.events.alert import (
    AlertEvent,
    Escalation,
    NotificationFailed,
    NotificationKind,
    NotificationSent,
    ResponseAccepted,
    ResponseRejected,
    Rung,
    Trigger,
)


class Telling(Struct, kw_only=True):
    """One attempt to tell one holder. `holder` is an account; `error` says why an attempt failed."""

    notification_id: str
    kind: NotificationKind
    holder: str | None
    channel: str | None
    at: datetime
    sent: bool
    attempt: int
    error: str | None = None


class Step(Struct, kw_only=True):
    """One rung. `at` is when it was recorded; `trigger` is absent of the first, which raising opens.

    `decision` is what the reviewer made of the answer.
    """

    rung: Rung
    at: datetime
    day0: date | None
    due_on: date | None
    trigger: Trigger | None = None
    skipped_rungs: list[Rung] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    answered_at: datetime | None = None
    answered_by: str | None = None
    decision: AlertState | None = None
    decided_at: datetime | None = None
    told: list[Telling] = field(default_factory=list)


class Ladder:
    """Gathers the steps of one alert while its events are folded, in order."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def take(self, before: Alert | None, after: Alert, record: Recorded, event: AlertEvent) -> None:
        """Note what `event` did to the alert. What changed nothing is noted nowhere."""
        if after.rung is not None and (before is None or before.rung is not after.rung):
            self._climb(after.rung, after, record, event)
        elif isinstance(event, NotificationSent | NotificationFailed):
            self._tell(record, event)
        elif self.steps and before is not None and before.state is not after.state:
            self._answer(after, record, event)

    def _climb(self, rung: Rung, after: Alert, record: Recorded, event: AlertEvent) -> None:
        climbed = event if isinstance(event, Escalation) else None
        step = Step(
            rung=rung,
            at=record.recordedat,
            day0=after.day0,
            due_on=after.due_on,
            trigger=climbed.trigger if climbed else None,
            skipped_rungs=list(climbed.skipped_rungs) if climbed else [],
            flags=list(record.flags),
        )
        self.steps.append(step)

    def _answer(self, after: Alert, record: Recorded, event: AlertEvent) -> None:
        step = self.steps[-1]
        if after.state is AlertState.AWAITING_IRO and after.response:
            step.answered_at, step.answered_by = record.recordedat, after.response.responder
            step.decision = step.decided_at = None
        elif isinstance(event, ResponseAccepted | ResponseRejected):
            step.decision, step.decided_at = after.state, record.recordedat

    def _tell(self, record: Recorded, event: NotificationSent | NotificationFailed) -> None:
        if not self.steps:
            return
        concerned = [step for step in self.steps if step.rung is event.rung]
        telling = Telling(
            notification_id=event.notification_id,
            kind=event.kind,
            holder=event.holder,
            channel=event.channel,
            at=record.time,
            sent=isinstance(event, NotificationSent),
            attempt=event.attempt,
            error=event.error if isinstance(event, NotificationFailed) else None,
        )
        (concerned or self.steps)[-1].told.append(telling)
