"""Plans: what was agreed to be done for the child."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from services.domain.events.shape import Event, ObjectId


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

    plan_id: ObjectId
    plan_kind: PlanKind
    made_on: Annotated[date | None, Meta(description="London date, if not that of the event's time.")] = None
    category: AbuseCategory | None = None
    previous_cp_count: Annotated[int, Meta(ge=0, le=1_000)] | None = None
    conference_id: ObjectId | None = None


PlanEvent = PlanMade
