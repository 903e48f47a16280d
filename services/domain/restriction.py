"""A restricted case: who may see it, who may never, and for whom the glass was broken.

The restriction of a case is a fold of nothing but its own three events, and none of them can be voided: so it
can be told from these alone.
"""

from datetime import datetime, timedelta
from typing import Final, assert_never

from msgspec import Struct
from msgspec.structs import replace

from services.domain.errors import UnknownEventType
from services.domain.event import Recorded, Submission, decode
from services.domain.events.restriction import (
    BreakGlassUsed,
    CaseRestricted,
    RestrictionEvent,
    RestrictionLifted,
    RestrictionReason,
)
from services.domain.principal import Principal
from services.domain.verdict import Admitted, Refused

OPEN_FOR: Final = timedelta(hours=8)


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
    """Whether `who` broke the glass, and it is open still."""
    return any(each.who == who and now < each.until for each in restriction.opened)


def fold(restriction: Restriction | None, record: Recorded) -> Restriction | None:
    """The restriction after one more event of its case, of whatever type; None is no restriction."""
    match record.event:
        case CaseRestricted() as event:
            return Restriction(
                reason=event.reason,
                allowed=frozenset(event.allowed),
                denied=frozenset(event.denied),
                opened=restriction.opened if restriction else (),
            )
        case RestrictionLifted():
            return None
        case BreakGlassUsed(by=by, until=until) if restriction and by and until:
            standing = tuple(each for each in restriction.opened if each.who != by)
            return replace(restriction, opened=(*standing, Opening(by, until)))
        case _:
            return restriction


def told_by(restriction: Restriction | None, document: str) -> Restriction | None:
    """The restriction after one more document of its case.

    One that this release cannot read is a newer one's word on it: nobody sees the case until it can be read.
    """
    try:
        return fold(restriction, decode(document))
    except (UnknownEventType, ValueError):
        return Restriction(reason=RestrictionReason.OTHER)


def admit(
    restriction: Restriction | None, submission: Submission, event: RestrictionEvent, now: datetime
) -> Admitted | Refused:
    """Say whether the case can be restricted, opened or released so."""
    match event:
        case CaseRestricted(allowed=allowed, denied=denied):
            if both := set(allowed) & set(denied):
                reason = f"`{min(both)}` is on both lists: leave it on one."
                return Refused("allowed_and_denied", reason, "/data/denied")
            return Admitted(event)
        case RestrictionLifted():
            return Admitted(event) if restriction else _not_restricted()
        case BreakGlassUsed():
            return _break(restriction, submission.person, event, now) if restriction else _not_restricted()
        case _:
            assert_never(event)


def _break(
    restriction: Restriction, person: str | None, event: BreakGlassUsed, now: datetime
) -> Admitted | Refused:
    """The ledger alone says for whom and how long: whatever a client gave is not believed."""
    if not (event.reason or "").strip():
        return Refused("glass_is_broken_for_a_reason", "Say why it cannot wait for a grant.", "/data/reason")
    if person is None:
        return Refused("nobody_breaks_the_glass", "Say in `actor` for which person it is opened.", "/actor")
    if person in restriction.denied:
        return Refused("denied_this_case", f"This case does not open for `{person}`.", "/actor")
    return Admitted(replace(event, by=person, until=now + OPEN_FOR))


def _not_restricted() -> Refused:
    return Refused("not_restricted", "This case is not restricted.", "/type")
