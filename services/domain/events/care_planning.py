"""Care planning: permanence, the care plan and the pathway plan, and the child's own voice in them."""

from enum import StrEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from services.domain.events.shape import Actor, Event, ObjectId, OnDate


class Permanency(StrEnum):
    """How the child is to have a home for good."""

    ADOPTION = "ADOPTION"
    RETURN_HOME = "RETURN_HOME"
    SGO = "SGO"
    LONG_TERM_FOSTERING_KINSHIP = "LONG_TERM_FOSTERING_KINSHIP"
    LONG_TERM_FOSTERING_LA = "LONG_TERM_FOSTERING_LA"
    INDEPENDENCE = "INDEPENDENCE"


class PermanencePlanSet(Event, frozen=True, kw_only=True):
    """It was decided how the child is to have a home for good."""

    TYPE: ClassVar[str] = "PermanencePlanSet"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    permanency: Permanency
    on: OnDate = None


class CarePlanDistributed(Event, frozen=True, kw_only=True):
    """The revised care plan was sent out, before a review."""

    TYPE: ClassVar[str] = "CarePlanDistributed"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    review_id: Annotated[ObjectId | None, Meta(description="Before which review.")] = None
    on: OnDate = None


class PathwayPlanMade(Event, frozen=True, kw_only=True):
    """A pathway plan was made; each eligible child has one soon after turning 16."""

    TYPE: ClassVar[str] = "PathwayPlanMade"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    on: OnDate = None


class AdvocateOffered(Event, frozen=True, kw_only=True):
    """The child was offered an independent advocate or visitor."""

    TYPE: ClassVar[str] = "AdvocateOffered"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    on: OnDate = None
    by: Actor | None = None


class AdvocateAccepted(Event, frozen=True, kw_only=True):
    """The child accepted an independent advocate or visitor."""

    TYPE: ClassVar[str] = "AdvocateAccepted"
    PAST: ClassVar[tuple[str, ...]] = ("on",)

    on: OnDate = None


CarePlanningEvent = (
    PermanencePlanSet | CarePlanDistributed | PathwayPlanMade | AdvocateOffered | AdvocateAccepted
)
