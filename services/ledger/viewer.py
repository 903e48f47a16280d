"""Who asks that what is sealed be opened, what for, and to whom it is shown; who may not is told so first."""

from enum import StrEnum
from typing import Final

from litestar.types import Scope
from msgspec import Struct

from services.domain.policy import Action
from services.domain.principal import Principal
from services.runtime.identity.gate import principal_of, require
from services.runtime.problems import FORBIDDEN, INVALID_REQUEST, Fault, Problem

NOT_YOUR_NAME: Final = (
    "You are `{who}`: leave `on_behalf_of` out. Only a client system's key names whom it shows it to."
)


class Purpose(StrEnum):
    """What somebody looks for."""

    CASEWORK = "CASEWORK"
    SUPERVISION = "SUPERVISION"
    AUDIT = "AUDIT"
    SUBJECT_ACCESS = "SUBJECT_ACCESS"
    COURT = "COURT"
    COMPLAINT = "COMPLAINT"
    INSPECTION = "INSPECTION"


class Viewer(Struct, frozen=True, kw_only=True):
    """Who looks; `on_behalf_of` is the person to whom a client system shows it, if it says."""

    principal: Principal
    purpose: Purpose
    on_behalf_of: str | None = None


def viewer_of(
    scope: Scope, purpose: Purpose | None, on_behalf_of: str | None, *, unseal: bool
) -> Viewer | None:
    """Who sent the request, if anything is to be opened. Raises `Problem` where that may not be."""
    if not unseal:
        return None
    principal = principal_of(scope)
    require(principal, Action.UNSEAL)
    if purpose is None:
        fault = Fault(message=f"is required with `unseal`: {', '.join(Purpose)}", parameter="purpose")
        raise Problem(INVALID_REQUEST, faults=[fault])
    if on_behalf_of and not principal.is_system:
        raise Problem(FORBIDDEN, NOT_YOUR_NAME.format(who=principal.who), action=Action.UNSEAL)
    if purpose is Purpose.SUBJECT_ACCESS:
        require(principal, Action.PREPARE_SUBJECT_ACCESS)
    return Viewer(principal=principal, purpose=purpose, on_behalf_of=on_behalf_of)
