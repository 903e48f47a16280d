"""Strategy discussion: social care, police and others decide whether a section 47 enquiry is needed."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar

from msgspec import Meta

from services.domain.events.shape import Code, Event, ObjectId


class StrategyDecision(StrEnum):
    """What the strategy discussion decided (Working Together to Safeguard Children)."""

    S47_SINGLE = "S47_SINGLE"
    S47_JOINT = "S47_JOINT"
    NO_S47 = "NO_S47"


class StrategyHeld(Event, frozen=True, kw_only=True):
    """A strategy discussion was held and decided."""

    TYPE: ClassVar[str] = "StrategyHeld"

    strategy_id: ObjectId
    decision: StrategyDecision
    held_at: (
        Annotated[datetime, Meta(tz=True, description="When it was held, if not the event's time.")] | None
    ) = None
    agencies: tuple[Code, ...] = ()
    immediate_protection: bool | None = None


StrategyEvent = StrategyHeld
