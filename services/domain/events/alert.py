"""Practice alert: an independent reviewer's concern, and its climb up the dispute-resolution ladder.

Fields described as "set by the ledger" are the ladder's dates: the ledger works them out when it records
the event, so that every later reader finds them in the event and none computes them anew.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Final

from msgspec import Meta

from services.domain.events.shape import (
    LINE,
    OBJECT_ID,
    About,
    Actor,
    Code,
    Event,
    ObjectId,
    OnDate,
    personal,
)

Day0 = Annotated[date | None, Meta(description="London date that the window counts from. Set by the ledger.")]
DueOn = Annotated[
    date | None,
    Meta(description="London date, through the end of which an answer is in time. Set by the ledger."),
]
CapOn = Annotated[date | None, Meta(description="The 20th working day after day 0. Set by the ledger.")]
CalendarVersion = (
    Annotated[
        str,
        Meta(
            pattern=LINE,
            max_length=64,
            description="The calendar that the dates were worked out with. Set by the ledger.",
        ),
    ]
    | None
)

NO_ALERT: Final = ""  # what a digest is about


class Rung(StrEnum):
    """The five internal rungs, lowest first (annual report 2017-18, 10.1)."""

    TEAM_MANAGER = "TEAM_MANAGER"
    SERVICE_MANAGER = "SERVICE_MANAGER"
    HEAD_OF_SERVICE = "HEAD_OF_SERVICE"
    DIRECTOR_OF_CHILDRENS_SERVICES = "DIRECTOR_OF_CHILDRENS_SERVICES"
    LSCB_CHAIR = "LSCB_CHAIR"


class RaiserRole(StrEnum):
    """Who may raise a practice alert."""

    IRO = "IRO"
    CP_CHAIR = "CP_CHAIR"
    SQAS_MANAGER = "SQAS_MANAGER"


class Origin(StrEnum):
    """Where the concern came up."""

    CLA_REVIEW = "CLA_REVIEW"
    CONFERENCE = "CONFERENCE"
    MONITORING = "MONITORING"


class IssueCode(StrEnum):
    """What the concern is about (annual report 2017-18, 10.2 and child protection 6)."""

    CARE_PLAN_DRIFT = "CARE_PLAN_DRIFT"
    PARENT_COMMUNICATION = "PARENT_COMMUNICATION"
    CONTACT_NOT_FACILITATED = "CONTACT_NOT_FACILITATED"
    LATE_REPORT = "LATE_REPORT"
    STATUTORY_VISIT = "STATUTORY_VISIT"
    CHANGE_OF_WORKER = "CHANGE_OF_WORKER"
    HEALTH = "HEALTH"
    EDUCATION = "EDUCATION"
    SAFEGUARDING = "SAFEGUARDING"
    CORE_GROUP_INEFFECTIVE = "CORE_GROUP_INEFFECTIVE"
    OTHER = "OTHER"


class Proposal(StrEnum):
    """What a response proposes."""

    RESOLVED = "RESOLVED"
    ACTION_PLAN = "ACTION_PLAN"
    DISAGREE = "DISAGREE"


class Trigger(StrEnum):
    """Why an alert climbed."""

    WINDOW_EXPIRED = "WINDOW_EXPIRED"
    RESPONSE_REJECTED = "RESPONSE_REJECTED"
    IRO_BYPASS = "IRO_BYPASS"


class Resolution(StrEnum):
    """How an alert ended."""

    ACTION_TAKEN = "ACTION_TAKEN"
    EXPLAINED = "EXPLAINED"
    SUPERSEDED = "SUPERSEDED"


class NotificationKind(StrEnum):
    """What a message says."""

    RUNG_TOLD = "RUNG_TOLD"
    REMINDER = "REMINDER"
    CAP = "CAP"
    EXHAUSTED = "EXHAUSTED"
    IRO_TO_DECIDE = "IRO_TO_DECIDE"
    RESOLVED = "RESOLVED"
    RUNG_VACANT = "RUNG_VACANT"
    DIGEST = "DIGEST"
    """A morning's digest of what is due: about no alert, so it is recorded in the office's stream."""


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


class ResponseReceived(Event, frozen=True, kw_only=True):
    """A rung answered: its window stops until the reviewer accepts or rejects."""

    TYPE: ClassVar[str] = "ResponseReceived"

    alert_id: ObjectId
    rung: Rung
    responder: Actor
    proposes: Proposal | None = None
    text: Annotated[str, personal(About.CHILD, "The answer in words.")] | None = None


class ResponseAccepted(Event, frozen=True, kw_only=True):
    """The reviewer accepted the response. The responder may not accept their own."""

    TYPE: ClassVar[str] = "ResponseAccepted"

    alert_id: ObjectId
    by: Actor
    review_on: Annotated[date | None, Meta(description="When the reviewer will look at it again.")] = None


class ResponseRejected(Event, frozen=True, kw_only=True):
    """The reviewer rejected the response: the alert goes to the next rung."""

    TYPE: ClassVar[str] = "ResponseRejected"

    alert_id: ObjectId
    by: Actor
    reason: Annotated[str, personal(About.CHILD, "Why it was not enough.")] | None = None


class Escalation(Event, frozen=True, kw_only=True):
    """The alert climbed to a higher rung, and that rung's window opened."""

    TO: ClassVar[Rung]

    alert_id: ObjectId
    trigger: Trigger
    from_rung: Annotated[Rung | None, Meta(description="The rung it left. Set by the ledger.")] = None
    skipped_rungs: Annotated[tuple[Rung, ...], Meta(description="Rungs passed over. Set by the ledger.")] = ()
    day0: Day0 = None
    due_on: DueOn = None
    calendar_version: CalendarVersion = None


class EscalatedToServiceManager(Escalation, frozen=True, kw_only=True):
    """The alert climbed to the Service Manager."""

    TYPE: ClassVar[str] = "EscalatedToServiceManager"
    TO: ClassVar[Rung] = Rung.SERVICE_MANAGER


class EscalatedToHeadOfService(Escalation, frozen=True, kw_only=True):
    """The alert climbed to the Head of Service."""

    TYPE: ClassVar[str] = "EscalatedToHeadOfService"
    TO: ClassVar[Rung] = Rung.HEAD_OF_SERVICE


class EscalatedToDirectorOfChildrensServices(Escalation, frozen=True, kw_only=True):
    """The alert climbed to the Director of Children's Services."""

    TYPE: ClassVar[str] = "EscalatedToDirectorOfChildrensServices"
    TO: ClassVar[Rung] = Rung.DIRECTOR_OF_CHILDRENS_SERVICES


class EscalatedToLscbChair(Escalation, frozen=True, kw_only=True):
    """The alert climbed to the Chair of the LSCB (from 29 September 2019 the safeguarding partnership)."""

    TYPE: ClassVar[str] = "EscalatedToLscbChair"
    TO: ClassVar[Rung] = Rung.LSCB_CHAIR


class LadderExhausted(Event, frozen=True, kw_only=True):
    """The Chair's window expired without an answer: there is no higher rung."""

    TYPE: ClassVar[str] = "LadderExhausted"

    alert_id: ObjectId
    due_on: DueOn = None


class StatutoryCapReached(Event, frozen=True, kw_only=True):
    """Twenty working days went by and the alert is still open (IRO Handbook 6.2)."""

    TYPE: ClassVar[str] = "StatutoryCapReached"

    alert_id: ObjectId
    cap_on: CapOn = None


class CafcassReferralMade(Event, frozen=True, kw_only=True):
    """The reviewer referred the matter to CAFCASS, as they may at any stage. The ladder runs on."""

    TYPE: ClassVar[str] = "CafcassReferralMade"

    alert_id: ObjectId
    by: Actor | None = None
    grounds: Annotated[str, personal(About.CHILD, "On what grounds.")] | None = None
    concurrent: Annotated[bool | None, Meta(description="Whether the ladder goes on beside it.")] = None


class CafcassOutcomeReceived(Event, frozen=True, kw_only=True):
    """CAFCASS answered."""

    TYPE: ClassVar[str] = "CafcassOutcomeReceived"

    alert_id: ObjectId
    outcome: Code


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


class Notification(Event, frozen=True, kw_only=True):
    """The outcome of one attempt to tell somebody: of an alert, or, of kind `DIGEST`, of what is due."""

    alert_id: Annotated[
        str, Meta(pattern=OBJECT_ID, description="The alert that it is about; a digest leaves it out.")
    ] = NO_ALERT
    notification_id: Annotated[
        str,
        Meta(
            pattern=LINE,
            max_length=64,
            description="The same for every attempt, and in the message itself.",
        ),
    ]
    kind: NotificationKind
    attempt: Annotated[int, Meta(ge=1, le=1_000_000, description="Which attempt: 1, 2, 3 …")] = 1
    rung: Rung | None = None
    holder: Actor | None = None
    channel: Code | None = None


class NotificationSent(Notification, frozen=True, kw_only=True):
    """The channel took the message."""

    TYPE: ClassVar[str] = "NotificationSent"


class NotificationFailed(Notification, frozen=True, kw_only=True):
    """The channel did not take the message, or there was nobody to tell."""

    TYPE: ClassVar[str] = "NotificationFailed"

    error: Code | None = None


class GoodPracticeRecorded(Event, frozen=True, kw_only=True):
    """A reviewer saw work worth praise."""

    TYPE: ClassVar[str] = "GoodPracticeRecorded"

    alert_id: ObjectId | None = None
    what: Annotated[str, personal(About.WORKER, "What was good.")] | None = None
    told: Annotated[str, personal(About.WORKER, "Who was told.", most=200)] | None = None


EscalationEvent = (
    EscalatedToServiceManager
    | EscalatedToHeadOfService
    | EscalatedToDirectorOfChildrensServices
    | EscalatedToLscbChair
)
AlertEvent = (
    InformalResolutionAttempted
    | PracticeAlertRaised
    | PracticeAlertAcknowledged
    | ResponseReceived
    | ResponseAccepted
    | ResponseRejected
    | EscalationEvent
    | LadderExhausted
    | StatutoryCapReached
    | CafcassReferralMade
    | CafcassOutcomeReceived
    | PracticeAlertResolved
    | PracticeAlertWithdrawn
    | NotificationSent
    | NotificationFailed
)
