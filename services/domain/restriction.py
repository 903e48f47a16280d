"""A restricted case: who may see it, who may never, and for whom the glass was broken."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from services.domain.principal import Principal


class RestrictionReason(StrEnum):
    """Why a case is restricted."""

    STAFF_RELATIVE = "STAFF_RELATIVE"
    ADOPTION = "ADOPTION"
    SERIOUS_CASE_REVIEW = "SERIOUS_CASE_REVIEW"
    OTHER = "OTHER"


class Opening(Struct, frozen=True):
    """The glass was broken: `who` sees the case until the instant `until`, that one not included."""

    who: str
    until: datetime


class Restriction(Struct, frozen=True, kw_only=True):
    """Only accounts that are `allowed` see the case, and those who opened it; never those `denied`."""

    reason: RestrictionReason
    allowed: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()
    opened: tuple[Opening, ...] = ()


def may_see(principal: Principal, restriction: Restriction | None, now: datetime) -> bool:
    """Whether a case under `restriction`, None if it is under none, exists for `principal` at `now`.

    The deny-list is above all grants: whom it names cannot open the case either. Services work on every one.
    """
    if restriction is None or principal.is_service:
        return True
    if principal.who in restriction.denied:
        return False
    return principal.who in restriction.allowed or is_open_to(principal.who, restriction, now)


def is_open_to(who: str, restriction: Restriction, now: datetime) -> bool:
    """Whether `who` sees the case because they broke the glass."""
    return any(each.who == who and now < each.until for each in restriction.opened)
