"""Who an event is by: the authenticated account, and on whose behalf a client system posts it.

Pure: what a submission says of its author and its source is held against who posted it, before it is sealed
and before any case is asked.
"""

from enum import StrEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from services.domain.event import Submission
from services.domain.office import OFFICE
from services.domain.policy import Action, may, may_post
from services.domain.posted import DEFAULT_SOURCE
from services.domain.principal import EVERYBODY, Principal, Role

OWN_SOURCES: Final = {"/notifier": Role.NOTIFIER, "/ledger": Role.LEDGER}
"""The sources of the services' own events: with them their ids, which are derived, can be nobody else's."""


class Denial(StrEnum):
    """Why a principal may not post something."""

    FORBIDDEN = "forbidden"
    TYPE_NOT_YOURS = "type-not-yours"
    SOURCE_NOT_YOURS = "source-not-yours"
    NOT_YOUR_NAME = "not-your-name"


class Denied(Struct, frozen=True):
    """It is not recorded: why, what would help, and a JSON pointer to the attribute concerned."""

    denial: Denial
    reason: str
    at: str


def attribute(submission: Submission, principal: Principal) -> Submission | Denied:
    """The submission as `principal` may make it, under its own name and source; or why it may not.

    While authentication is off nobody is known, and what was posted stands.
    """
    action = Action.POST_OFFICE if submission.stream == OFFICE else Action.POST_EVENTS
    if not may(principal, action):
        return Denied(Denial.FORBIDDEN, f"None of your roles may {action}.", "")
    if not may_post(principal, submission.event.TYPE):
        return Denied(Denial.TYPE_NOT_YOURS, f"You may not post `{submission.event.TYPE}`.", "/type")
    if principal == EVERYBODY:
        return submission
    sent = _under_own_source(submission, principal)
    return sent if isinstance(sent, Denied) else _under_own_name(sent, principal)


def _under_own_source(submission: Submission, principal: Principal) -> Submission | Denied:
    if submission.source == DEFAULT_SOURCE and principal.source:
        return replace(submission, source=principal.source)
    if principal.source not in {None, submission.source}:
        return Denied(Denial.SOURCE_NOT_YOURS, f"Your key posts as `{principal.source}`.", "/source")
    owner = OWN_SOURCES.get(submission.source)
    if owner and owner not in principal.roles:
        return Denied(Denial.SOURCE_NOT_YOURS, f"`{submission.source}` is the {owner}'s own.", "/source")
    return submission


def _under_own_name(submission: Submission, principal: Principal) -> Submission | Denied:
    named = submission.actor if submission.actor != principal.who else None
    if named and not principal.is_system:
        reason = f"You are `{principal.who}`: leave `actor` out. Only a client system's key names another."
        return Denied(Denial.NOT_YOUR_NAME, reason, "/actor")
    return replace(
        submission,
        actor=principal.who,
        onbehalfof=named,
        by_system=principal.is_system,
        poster=principal,
    )
