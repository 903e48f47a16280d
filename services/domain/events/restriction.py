"""Restriction: a case that exists only for those who are allowed, and the breaking of its glass."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Final, get_args

from msgspec import Meta

from services.domain.events.shape import About, Actor, Code, Event, personal

Accounts = Annotated[tuple[Actor, ...], Meta(max_length=200)]


class RestrictionReason(StrEnum):
    """Why a case is restricted."""

    STAFF_RELATIVE = "STAFF_RELATIVE"
    ADOPTION = "ADOPTION"
    SERIOUS_CASE_REVIEW = "SERIOUS_CASE_REVIEW"
    OTHER = "OTHER"


class CaseRestricted(Event, frozen=True, kw_only=True):
    """The case exists only for the accounts that are allowed. The last one counts."""

    TYPE: ClassVar[str] = "CaseRestricted"

    reason: RestrictionReason
    allowed: Annotated[Accounts, Meta(description="The accounts that may see it.")] = ()
    denied: Annotated[
        Accounts, Meta(description="The accounts that may not see it and cannot open it either.")
    ] = ()


class RestrictionLifted(Event, frozen=True, kw_only=True):
    """The case is restricted no longer."""

    TYPE: ClassVar[str] = "RestrictionLifted"


class BreakGlassUsed(Event, frozen=True, kw_only=True):
    """Somebody opened a restricted case for themselves, for a bounded time, and says why."""

    TYPE: ClassVar[str] = "BreakGlassUsed"

    purpose: Annotated[Code, Meta(description="What for, such as `CHILD_AT_RISK`.")]
    reason: (
        Annotated[str, personal(About.OTHER, "Why it could not wait for a grant. Must be given.", most=2_000)]
        | None
    ) = None
    by: Annotated[Actor | None, Meta(description="For whom it is open. Set by the ledger.")] = None
    until: (
        Annotated[datetime, Meta(tz=True, description="The instant at which it closes. Set by the ledger.")]
        | None
    ) = None


RestrictionEvent = CaseRestricted | RestrictionLifted | BreakGlassUsed
RESTRICTION_TYPES: Final = frozenset(event.TYPE for event in get_args(RestrictionEvent))
