"""Looked-after review: the care plan, considered under an independent reviewing officer."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from services.domain.events.shape import Actor, Code, Event, ObjectId, OnDate


class ReviewKind(StrEnum):
    """Which review of a looked-after period: the first, the second, a later one, the last, an early one."""

    INITIAL = "INITIAL"
    SECOND = "SECOND"
    SUBSEQUENT = "SUBSEQUENT"
    FINAL = "FINAL"
    EARLY = "EARLY"


class ReviewReason(StrEnum):
    """Why a review was held."""

    NEWLY_ACCOMM = "NEWLY_ACCOMM"
    PLACEMENT_MOVE = "PLACEMENT_MOVE"
    ADOPTION = "ADOPTION"
    ONGOING = "ONGOING"


class Participation(StrEnum):
    """How the child took part, as SSDA903 codes it, from PN0 (under 4) to PN7 (neither came nor spoke)."""

    UNDER_4 = "PN0"
    ATTENDED_AND_SPOKE = "PN1"
    ATTENDED_WITH_ADVOCATE = "PN2"
    ATTENDED_SYMBOLIC = "PN3"
    ATTENDED_SILENT = "PN4"
    ADVOCATE_SPOKE = "PN5"
    VIEWS_OTHERWISE = "PN6"
    NO_VIEWS = "PN7"


class OutOfTimeReason(StrEnum):
    """Why a review was held late."""

    SW_UNAVAILABLE = "SW_UNAVAILABLE"
    IRO_UNAVAILABLE = "IRO_UNAVAILABLE"
    LATE_NOTIFICATION = "LATE_NOTIFICATION"
    CHILD_UNAVAILABLE = "CHILD_UNAVAILABLE"
    VENUE_ISSUES = "VENUE_ISSUES"
    LEGAL_ISSUES = "LEGAL_ISSUES"


class Recipient(StrEnum):
    """Who got the social worker's report."""

    IRO = "IRO"
    CHILD = "CHILD"
    PARENTS = "PARENTS"


class Quality(StrEnum):
    """How good a report was."""

    INADEQUATE = "INAD"
    REQUIRES_IMPROVEMENT = "RI"
    GOOD = "GOOD"
    OUTSTANDING = "OUT"


class ClaReviewScheduled(Event, frozen=True, kw_only=True):
    """A review was arranged."""

    TYPE: ClassVar[str] = "ClaReviewScheduled"
    OBJECT: ClassVar[str | None] = "review_id"

    review_id: ObjectId
    scheduled_for: Annotated[datetime, Meta(tz=True, description="When it is to be held.")]
    kind: ReviewKind | None = None


class ClaReviewRescheduled(Event, frozen=True, kw_only=True):
    """A review was moved to another day; what it was arranged for first stays on record."""

    TYPE: ClassVar[str] = "ClaReviewRescheduled"

    review_id: ObjectId
    scheduled_for: Annotated[datetime, Meta(tz=True, description="When it is now to be held.")]
    reason: Annotated[Code | None, Meta(description="Why it was moved.")] = None


class ReviewReportReceived(Event, frozen=True, kw_only=True):
    """The social worker's report for a review reached somebody."""

    TYPE: ClassVar[str] = "ReviewReportReceived"
    PAST: ClassVar[tuple[str, ...]] = ("received_on",)

    review_id: ObjectId
    recipient: Recipient
    received_on: OnDate = None
    quality: Quality | None = None


class ReviewMeetingHeld(Event, frozen=True, kw_only=True):
    """A review meeting was held. The review is complete once the reviewing officer has met the child."""

    TYPE: ClassVar[str] = "ReviewMeetingHeld"
    OBJECT: ClassVar[str | None] = "review_id"
    PAST: ClassVar[tuple[str, ...]] = ("held_on",)

    review_id: ObjectId
    held_on: OnDate = None
    reason: ReviewReason | None = None
    participation: Participation | None = None
    attendance: Annotated[tuple[Code, ...], Meta(description="Who came, as roles and agencies.")] = ()
    chaired_by_child: Annotated[bool | None, Meta(description="Whether the young person chaired it.")] = None
    out_of_time_reason: OutOfTimeReason | None = None


class IroMetChild(Event, frozen=True, kw_only=True):
    """The reviewing officer met the child."""

    TYPE: ClassVar[str] = "IroMetChild"
    PAST: ClassVar[tuple[str, ...]] = ("met_on",)

    review_id: Annotated[ObjectId | None, Meta(description="For which review.")] = None
    met_on: OnDate = None
    iro: Actor | None = None


class ReviewCompleted(Event, frozen=True, kw_only=True):
    """A review is complete: the meeting was held, and the child was met."""

    TYPE: ClassVar[str] = "ReviewCompleted"
    OBJECT: ClassVar[str | None] = "review_id"
    PAST: ClassVar[tuple[str, ...]] = ("completed_on",)

    review_id: ObjectId
    completed_on: OnDate = None


class ReviewRecommendationsDistributed(Event, frozen=True, kw_only=True):
    """What a review recommended was sent to those concerned."""

    TYPE: ClassVar[str] = "ReviewRecommendationsDistributed"
    OBJECT: ClassVar[str | None] = "review_id"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    review_id: ObjectId
    on: OnDate = None


ReviewEvent = (
    ClaReviewScheduled
    | ClaReviewRescheduled
    | ReviewReportReceived
    | ReviewMeetingHeld
    | IroMetChild
    | ReviewCompleted
    | ReviewRecommendationsDistributed
)
