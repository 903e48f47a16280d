"""The words of practice alerts, and the dates of their ladder, which the ledger sets."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta

from services.domain.events.shape import LINE

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
    BREAK_GLASS = "BREAK_GLASS"
    """Somebody opened a restricted case: recorded in the office's stream, which does not say which."""


OF_THE_OFFICE: Final = frozenset({NotificationKind.DIGEST, NotificationKind.BREAK_GLASS})
"""What somebody is told that is about no alert."""
