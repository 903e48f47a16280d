"""Practice alert: an independent reviewer's concern, and its climb up the dispute-resolution ladder.

Fields described as "set by the ledger" are the ladder's dates: the ledger works them out when it records
the event, so that every later reader finds them in the event and none computes them anew.
"""

from services.domain.events.alert.climb import (
    EscalatedToDirectorOfChildrensServices,
    EscalatedToHeadOfService,
    EscalatedToLscbChair,
    EscalatedToServiceManager,
    Escalation,
    EscalationEvent,
    LadderExhausted,
    StatutoryCapReached,
)
from services.domain.events.alert.concern import (
    GoodPracticeRecorded,
    InformalResolutionAttempted,
    PracticeAlertAcknowledged,
    PracticeAlertRaised,
    PracticeAlertResolved,
    PracticeAlertWithdrawn,
)
from services.domain.events.alert.notification import Notification, NotificationFailed, NotificationSent
from services.domain.events.alert.response import (
    CafcassOutcomeReceived,
    CafcassReferralMade,
    ResponseAccepted,
    ResponseReceived,
    ResponseRejected,
)
from services.domain.events.alert.terms import (
    NO_ALERT,
    OF_THE_OFFICE,
    CalendarVersion,
    CapOn,
    Day0,
    DueOn,
    IssueCode,
    NotificationKind,
    Origin,
    Proposal,
    RaiserRole,
    Resolution,
    Rung,
    Trigger,
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

__all__ = [
    "NO_ALERT",
    "OF_THE_OFFICE",
    "AlertEvent",
    "CafcassOutcomeReceived",
    "CafcassReferralMade",
    "CalendarVersion",
    "CapOn",
    "Day0",
    "DueOn",
    "EscalatedToDirectorOfChildrensServices",
    "EscalatedToHeadOfService",
    "EscalatedToLscbChair",
    "EscalatedToServiceManager",
    "Escalation",
    "EscalationEvent",
    "GoodPracticeRecorded",
    "InformalResolutionAttempted",
    "IssueCode",
    "LadderExhausted",
    "Notification",
    "NotificationFailed",
    "NotificationKind",
    "NotificationSent",
    "Origin",
    "PracticeAlertAcknowledged",
    "PracticeAlertRaised",
    "PracticeAlertResolved",
    "PracticeAlertWithdrawn",
    "Proposal",
    "RaiserRole",
    "Resolution",
    "ResponseAccepted",
    "ResponseReceived",
    "ResponseRejected",
    "Rung",
    "StatutoryCapReached",
    "Trigger",
]
