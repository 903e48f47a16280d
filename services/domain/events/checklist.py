"""Checklist of the independent reviewing officer: one form a review, as Rutland's Appendix A of 2017-18."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from services.domain.events.care_planning import Permanency
from services.domain.events.looked_after import CareReason, LegalStatus
from services.domain.events.placement import PlacementType
from services.domain.events.review import OutOfTimeReason, Quality, ReviewKind, ReviewReason
from services.domain.events.shape import About, Actor, Answer, Code, Event, ObjectId, OnDate, personal


class ChecklistParticipation(StrEnum):
    """How the child took part; several may hold."""

    UNDER_4 = "UNDER_4"
    ATTENDED = "ATTENDED"
    DNA = "DNA"
    PARTICIPATED = "PARTICIPATED"
    ADVOCATE = "ADVOCATE"
    DID_NOT_CONTRIBUTE = "DID_NOT_CONTRIBUTE"
    ASSISTED = "ASSISTED"
    SYMBOLIC = "SYMBOLIC"


class Chairing(StrEnum):
    """Whether the young person chaired the review."""

    YES = "YES"
    DECLINED = "DECLINED"
    NOT_APPROPRIATE = "NOT_APPROPRIATE"


class DaysBefore(StrEnum):
    """How many days before the review a report came; `NONE` says that none came."""

    NONE = "NONE"
    NOT_APPLICABLE = "NA"
    DAY_OF = "DAY_OF"
    ONE = "1"
    TWO = "2"
    THREE_OR_MORE = "3_PLUS"


class ViewsIncluded(StrEnum):
    """Whether the report has the child's views: yes, no, or not competent (Fraser)."""

    YES = "Y"
    NO = "N"
    NOT_FRASER = "NOT_FRASER"


class Some(StrEnum):
    """Yes, no, or some of them."""

    YES = "Y"
    NO = "N"
    SOME = "SOME"


class NonAttendance(StrEnum):
    """Why somebody who was invited did not come."""

    SENT_REGRETS = "SENT_REGRETS"
    YP_DID_NOT_WANT = "YP_DID_NOT_WANT"
    NO_REASON = "NO_REASON"
    CONSULTED = "CONSULTED"


class ProtectionPlan(StrEnum):
    """What becomes of the child protection plan that the child is also on."""

    REMAINS = "REMAINS"
    DISCHARGED = "DISCHARGED"


class UnlessTooYoung(StrEnum):
    """Yes, no, or not at that age: a pathway plan under 16, an education plan under 4, teeth under 1."""

    YES = "Y"
    NO = "N"
    TOO_YOUNG = "TOO_YOUNG"


class IroChecklistSubmitted(Event, frozen=True, kw_only=True):
    """The reviewing officer handed in the checklist of a review."""

    TYPE: ClassVar[str] = "IroChecklistSubmitted"
    OBJECT: ClassVar[str | None] = "review_id"
    PAST: ClassVar[tuple[str, ...]] = ("submitted_on", "signed_on")

    review_id: ObjectId
    submitted_on: OnDate = None
    # Header
    child_name: Annotated[str, personal(About.CHILD, "The child's name.", most=200)] | None = None
    iro: Actor | None = None
    review_date: Annotated[date | None, Meta(description="Date of the review.")] = None
    review_time: (
        Annotated[str, Meta(pattern=r"^[0-2][0-9]:[0-5][0-9]$(?!\n)", description="London time, as 14:30.")]
        | None
    ) = None
    social_worker: Actor | None = None
    team: Code | None = None
    # Participation
    participation: tuple[ChecklistParticipation, ...] = ()
    views_sought: Annotated[Answer | None, Meta(description="If the child did not attend.")] = None
    iro_met_child: Annotated[bool | None, Meta(description="Whether the officer met the child.")] = None
    chaired_by_child: Chairing | None = None
    parents_attended: Annotated[bool | None, Meta(description="Whether the parents came.")] = None
    parents_views_sought: Annotated[Answer | None, Meta(description="Whether their views were sought.")] = (
        None
    )
    details_correct: Annotated[bool | None, Meta(description="Whether those on file are.")] = None
    family_members_included: Annotated[bool | None, Meta(description="Whether they are on file.")] = None
    # Reports
    report_to_iro: Annotated[DaysBefore | None, Meta(description="Days before, to the officer.")] = None
    report_to_child: Annotated[DaysBefore | None, Meta(description="Days before, to the child.")] = None
    report_to_parents: Annotated[DaysBefore | None, Meta(description="Days before, to the parents.")] = None
    report_quality: Quality | None = None
    report_has_parents_views: Annotated[
        Answer | None, Meta(description="Whether the report has the parents' views.")
    ] = None
    report_has_childs_views: ViewsIncluded | None = None
    worker_engaged: Annotated[
        bool | None, Meta(description="Whether the worker engaged with agencies and family.")
    ] = None
    care_plan_updated: Annotated[bool | None, Meta(description="In the last 12 months.")] = None
    permanence_provided: Annotated[bool | None, Meta(description="By the care plan.")] = None
    pathway_plan: UnlessTooYoung | None = None
    # The review
    kind: ReviewKind | None = None
    reason: ReviewReason | None = None
    in_timescale: Annotated[
        bool | None, Meta(description="As the form says; whether it was is worked out from the dates.")
    ] = None
    out_of_time_reason: OutOfTimeReason | None = None
    # The child's situation
    placement: PlacementType | None = None
    on_protection_plan: Annotated[bool | None, Meta(description="Whether also on such a plan.")] = None
    protection_plan: ProtectionPlan | None = None
    legal_status: LegalStatus | None = None
    permanency: Permanency | None = None
    # Attendance
    relevant_invited: Some | None = None
    non_attendance: NonAttendance | None = None
    professionals_participated: Some | None = None
    worker_attended: Annotated[bool | None, Meta(description="The allocated social worker.")] = None
    substitute_informed: Annotated[Answer | None, Meta(description="Whether well informed.")] = None
    interpreter: Annotated[Answer | None, Meta(description="Whether there was one.")] = None
    # Quality
    good_practice: Annotated[bool | None, Meta(description="Whether there was good practice to name.")] = None
    good_practice_fed_back: Annotated[bool | None, Meta(description="Whether they were told.")] = None
    drift_or_delay: Annotated[bool | None, Meta(description="Whether there was drift or delay.")] = None
    pep_updated: Annotated[UnlessTooYoung | None, Meta(description="In the last 6 months.")] = None
    medical: Annotated[bool | None, Meta(description="In the last 6 to 12 months.")] = None
    dental: Annotated[UnlessTooYoung | None, Meta(description="In the last 12 months.")] = None
    eye: Annotated[bool | None, Meta(description="In the last 2 years.")] = None
    advocate_offered: Annotated[Answer | None, Meta(description="Or an independent visitor.")] = None
    practice_alert_triggered: Annotated[
        bool | None, Meta(description="Whether the review led to a practice alert.")
    ] = None
    practice_alert_why: Annotated[str, personal(About.CHILD, "Why it did.")] | None = None
    reasons: Annotated[tuple[CareReason, ...], Meta(max_length=27)] = ()
    comments: Annotated[str, personal(About.CHILD, "Additional comments.")] | None = None
    signature: Annotated[str, personal(About.WORKER, "The officer's signature.", most=200)] | None = None
    signed_on: Annotated[date | None, Meta(description="When the officer signed it.")] = None


ChecklistEvent = IroChecklistSubmitted
