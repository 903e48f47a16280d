"""The concern itself: raised, acknowledged, resolved or withdrawn; and the praise of good work."""

from typing import Annotated, ClassVar

from msgspec import Meta

from services.domain.events.alert.terms import (
    CalendarVersion,
    CapOn,
    Day0,
    DueOn,
    IssueCode,
    Origin,
    RaiserRole,
    Resolution,
    Rung,
)
from services.domain.events.shape import About, Actor, Code, Event, ObjectId, OnDate, personal


class InformalResolutionAttempted(Event, frozen=True, kw_only=True):
    """The reviewer tried to settle the matter without an alert (IRO Handbook 6.2)."""

    TYPE: ClassVar[str] = "InformalResolutionAttempted"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    alert_id: ObjectId
    with_role: Code | None = None
    on: OnDate = None
    note: Annotated[str, personal(About.CHILD, "What was tried.")] | None = None


class PracticeAlertRaised(Event, frozen=True, kw_only=True):
    """A reviewer raised an alert: the Team Manager's window opens."""

    TYPE: ClassVar[str] = "PracticeAlertRaised"

    alert_id: ObjectId
    issue_code: IssueCode
    origin: Origin | None = None
    origin_id: ObjectId | None = None
    raised_by: Annotated[Actor | None, Meta(description="Who raised it, if not the event's actor.")] = None
    raised_by_role: RaiserRole | None = None
    issue: Annotated[str, personal(About.CHILD, "The concern in words.")] | None = None
    day0: Day0 = None
    due_on: DueOn = None
    cap_on: CapOn = None
    calendar_version: CalendarVersion = None
    repeat_of: Annotated[
        ObjectId | None,
        Meta(
            description="The alert for the same issue that came before, within 12 months. Set by the ledger."
        ),
    ] = None


class PracticeAlertAcknowledged(Event, frozen=True, kw_only=True):
    """Somebody has seen the alert. The window runs on."""

    TYPE: ClassVar[str] = "PracticeAlertAcknowledged"

    alert_id: ObjectId
    by: Actor | None = None
    by_role: Code | None = None


class PracticeAlertResolved(Event, frozen=True, kw_only=True):
    """The alert was resolved: every window stops."""

    TYPE: ClassVar[str] = "PracticeAlertResolved"
    PAST: ClassVar[tuple[str, ...]] = ("resolved_on",)

    alert_id: ObjectId
    resolution: Resolution | None = None
    resolved_on: OnDate = None
    at_rung: Rung | None = None


class PracticeAlertWithdrawn(Event, frozen=True, kw_only=True):
    """The raiser withdrew the alert: every window stops."""

    TYPE: ClassVar[str] = "PracticeAlertWithdrawn"

    alert_id: ObjectId
    by: Actor | None = None
    reason: Annotated[str, personal(About.CHILD, "Why.")] | None = None


class GoodPracticeRecorded(Event, frozen=True, kw_only=True):
    """A reviewer saw work worth praise."""

    TYPE: ClassVar[str] = "GoodPracticeRecorded"

    alert_id: ObjectId | None = None
    what: Annotated[str, personal(About.WORKER, "What was good.")] | None = None
    told: Annotated[str, personal(About.WORKER, "Who was told.", most=200)] | None = None
