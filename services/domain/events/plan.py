"""Plans: what was agreed to be done for the child, and how it is kept up."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from services.domain.events.shape import Code, Event, ObjectId, OnDate


class PlanKind(StrEnum):
    """Child in need, child protection, care, pathway, safety, personal education, health."""

    CIN = "CIN"
    CP = "CP"
    CARE = "CARE"
    PATHWAY = "PATHWAY"
    SAFETY = "SAFETY"
    PEP = "PEP"
    HEALTH = "HEALTH"


class AbuseCategory(StrEnum):
    """Category of abuse of a child protection plan (DfE, children in need census)."""

    NEGLECT = "NEG"
    PHYSICAL = "PHY"
    SEXUAL = "SAB"
    EMOTIONAL = "EMO"
    MULTIPLE = "MUL"


class PlanMade(Event, frozen=True, kw_only=True):
    """A plan was made for the child."""

    TYPE: ClassVar[str] = "PlanMade"
    OBJECT: ClassVar[str | None] = "plan_id"
    PAST: ClassVar[tuple[str, ...]] = ("made_on",)

    plan_id: ObjectId
    plan_kind: PlanKind
    made_on: Annotated[date | None, Meta(description="London date, if not that of the event's time.")] = None
    category: AbuseCategory | None = None
    previous_cp_count: (
        Annotated[
            int, Meta(ge=0, le=1_000, description="How many child protection plans the child was on before.")
        ]
        | None
    ) = None
    conference_id: ObjectId | None = None


OfPlan = Annotated[ObjectId | None, Meta(description="Which plan, if the child has several.")]


class Progress(StrEnum):
    """How a plan goes on."""

    PROGRESS = "PROGRESS"
    DRIFT = "DRIFT"


class CinReviewDecision(StrEnum):
    """What a child in need review decided; to step up is to hold a strategy discussion."""

    CONTINUE = "CONTINUE"
    STEP_UP = "STEP_UP"
    CLOSE = "CLOSE"


class PlanStep(StrEnum):
    """What came after a plan."""

    DOWN_CIN = "DOWN_CIN"
    CLOSED = "CLOSED"
    CLA = "CLA"


class PlanRevised(Event, frozen=True, kw_only=True):
    """A plan was brought up to date."""

    TYPE: ClassVar[str] = "PlanRevised"
    PAST: ClassVar[tuple[str, ...]] = ("revised_on",)

    plan_id: ObjectId
    revised_on: OnDate = None
    reason: Annotated[Code | None, Meta(description="Why, such as `PLACEMENT_MOVE`.")] = None


class PlanCategoryChanged(Event, frozen=True, kw_only=True):
    """The category of abuse of a child protection plan was changed."""

    TYPE: ClassVar[str] = "PlanCategoryChanged"
    PAST: ClassVar[tuple[str, ...]] = ("changed_on",)

    plan_id: ObjectId
    category: AbuseCategory
    changed_on: OnDate = None
    reason: Annotated[Code | None, Meta(description="Why.")] = None


class CoreGroupHeld(Event, frozen=True, kw_only=True):
    """The core group of a child protection or child in need plan met."""

    TYPE: ClassVar[str] = "CoreGroupHeld"
    PAST: ClassVar[tuple[str, ...]] = ("held_on",)

    plan_id: OfPlan = None
    held_on: OnDate = None
    attendees: Annotated[
        tuple[Code, ...], Meta(description="Who came, as roles and agencies, such as `PARENT`, `SCHOOL`.")
    ] = ()
    progress: Progress | None = None


class CinReviewHeld(Event, frozen=True, kw_only=True):
    """A child in need plan was reviewed."""

    TYPE: ClassVar[str] = "CinReviewHeld"
    PAST: ClassVar[tuple[str, ...]] = ("held_on",)

    decision: CinReviewDecision
    plan_id: OfPlan = None
    held_on: OnDate = None


class FamilyNetworkMeetingHeld(Event, frozen=True, kw_only=True):
    """The family's network met about a child in need plan."""

    TYPE: ClassVar[str] = "FamilyNetworkMeetingHeld"
    PAST: ClassVar[tuple[str, ...]] = ("held_on",)

    plan_id: OfPlan = None
    held_on: OnDate = None


class PlanEnded(Event, frozen=True, kw_only=True):
    """A plan ended."""

    TYPE: ClassVar[str] = "PlanEnded"
    OBJECT: ClassVar[str | None] = "plan_id"
    PAST: ClassVar[tuple[str, ...]] = ("ended_on",)

    plan_id: ObjectId
    ended_on: OnDate = None
    reason: Annotated[Code | None, Meta(description="Why it ended.")] = None
    step: PlanStep | None = None


class SupervisionOrderReviewHeld(Event, frozen=True, kw_only=True):
    """A supervision order was reviewed, as looked-after children's care is."""

    TYPE: ClassVar[str] = "SupervisionOrderReviewHeld"
    PAST: ClassVar[tuple[str, ...]] = ("held_on", "order_made_on")

    held_on: OnDate = None
    order_made_on: Annotated[date | None, Meta(description="When the court made the order.")] = None


PlanEvent = (
    PlanMade
    | PlanRevised
    | PlanCategoryChanged
    | CoreGroupHeld
    | CinReviewHeld
    | FamilyNetworkMeetingHeld
    | PlanEnded
    | SupervisionOrderReviewHeld
)
