"""Strategy discussion: social care, police and others decide on an enquiry, and on protection at once."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar

from msgspec import Meta, field

from services.domain.events.shape import AtInstant, Code, Event, ObjectId


class StrategyDecision(StrEnum):
    """What the strategy discussion decided (Working Together to Safeguard Children)."""

    S47_SINGLE = "S47_SINGLE"
    S47_JOINT = "S47_JOINT"
    NO_S47 = "NO_S47"


class StrategyHeld(Event, frozen=True, kw_only=True):
    """A strategy discussion was held and decided."""

    TYPE: ClassVar[str] = "StrategyHeld"
    OBJECT: ClassVar[str | None] = "strategy_id"
    PAST: ClassVar[tuple[str, ...]] = ("held_at",)

    strategy_id: ObjectId
    decision: StrategyDecision
    held_at: (
        Annotated[datetime, Meta(tz=True, description="When it was held, if not the event's time.")] | None
    ) = None
    agencies: tuple[Code, ...] = ()
    immediate_protection: Annotated[bool | None, Meta(description="Whether to protect at once.")] = None


class ProtectiveActionKind(StrEnum):
    """How the child was protected at once: emergency protection order, police protection, accommodation."""

    EPO = "EPO"
    POLICE_PROTECTION = "POLICE_PROTECTION"
    S20 = "S20"
    OTHER = "OTHER"


class ProtectiveActionTaken(Event, frozen=True, kw_only=True):
    """The child was protected at once. Police protection lasts at most 72 hours (Children Act 1989, s46)."""

    TYPE: ClassVar[str] = "ProtectiveActionTaken"
    OBJECT: ClassVar[str | None] = "action_id"
    PAST: ClassVar[tuple[str, ...]] = ("from_", "to")

    action_id: ObjectId
    kind: ProtectiveActionKind
    from_: AtInstant = field(default=None, name="from")
    to: (
        Annotated[datetime, Meta(tz=True, description="When it ended; absent as long as it lasts.")] | None
    ) = None


StrategyEvent = StrategyHeld | ProtectiveActionTaken
