"""Erasure on HTTP: decide it, be told once the key is destroyed, and ask what is left of it on the disk."""

from datetime import date, datetime
from typing import Any, Final

from litestar import Response, get, post
from litestar.params import JSONBody
from litestar.types import ControllerRouterHandler, ExceptionHandlersMap
from msgspec import Struct, convert, to_builtins

from services.domain.erasure import Decision, Progress
from services.domain.policy import Action
from services.domain.principal import EVERYBODY, Principal
from services.ledger import answers
from services.ledger.absence import AWAY
from services.ledger.answers import REFUSED, RETRY_AFTER
from services.ledger.api import CaseId
from services.ledger.erasing import Erasing, NotDone
from services.ledger.request import Reused
from services.ledger.scrubbing import Scrubbing
from services.ledger.taking import Http
from services.runtime import problems
from services.runtime.problems import (
    BODY_TOO_LARGE,
    MALFORMED_JSON,
    NOT_FOUND,
    UNAVAILABLE,
    UNSUPPORTED_MEDIA_TYPE,
    Problem,
)

AGAIN: Final = "It is not known how far it came. Ask again: an erasure goes on where it stopped."


class Erasure(Struct, frozen=True, kw_only=True):
    """The erasure of a case: who decided it and why, since when its key is gone, and where that is recorded.

    `rule`, `policy_version` and `due_on` say by which rule it was due, if its time was up.
    Until `scrubbed_at` the wrapped key may still stand on the disk of its database:
    `left` says where, and what to do if it stays.
    """

    case_id: str
    authority: str
    basis: str
    decided_by: str
    decided_at: datetime
    decided_position: int
    destroyed_at: datetime
    destroyed_position: int
    reference: str | None = None
    rule: str | None = None
    policy_version: str | None = None
    due_on: date | None = None
    scrubbed_at: datetime | None = None
    left: str | None = None


def _on_away(_request: Http, _error: Any) -> Response[Any]:
    return problems.answer(Problem(UNAVAILABLE, AGAIN, headers=RETRY_AFTER))


def _on_not_done(_request: Http, error: Any) -> Response[Any]:
    if isinstance(error.answer, Reused):  # somebody else decided it at this moment: theirs stands
        return _on_away(_request, error)
    return problems.answer(answers.problem_of(error.request, error.answer))


ON_FAILURE: Final[ExceptionHandlersMap] = {**dict.fromkeys(AWAY, _on_away), NotDone: _on_not_done}
RESPONSES: Final = problems.responses(
    MALFORMED_JSON, BODY_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, NOT_FOUND, REFUSED, UNAVAILABLE
)


def routes(erasing: Erasing, scrubbing: Scrubbing) -> list[ControllerRouterHandler]:
    """The routes that erase, and say how far that has come."""

    @post(
        "/v1/cases/{case_id:str}/erasure",
        opt={"action": Action.ERASE},
        status_code=200,
        responses=RESPONSES,
        exception_handlers=ON_FAILURE,
        before_request=problems.takes("application/json"),
    )
    async def erase_case(request: Http, case_id: CaseId, data: JSONBody[Decision]) -> Erasure:
        """Erase a case for good: nothing personal of it can be read again, nor be added. Repeat it freely."""
        found = await erasing.erase(case_id, data, _who(request))
        if found is None:
            raise Problem(NOT_FOUND, "Nothing is recorded of it.")
        return await _erasure(case_id, found, scrubbing)

    @get(
        "/v1/cases/{case_id:str}/erasure",
        opt={"action": Action.ERASE},
        responses=problems.responses(NOT_FOUND, UNAVAILABLE),
        exception_handlers=ON_FAILURE,
    )
    async def erasure_of_case(case_id: CaseId) -> Erasure:
        """The erasure of a case, and since when nothing of its key is left."""
        found = await erasing.progress(case_id)
        if found is None or found.decided is None:
            raise Problem(NOT_FOUND, "Nobody has decided to erase it.")
        return await _erasure(case_id, found, scrubbing)

    return [erase_case, erasure_of_case]


def _who(request: Http) -> str | None:
    """The account that asks, if anybody was asked who they are."""
    principal: Principal | None = request.scope.get("user")
    return principal.who if principal and principal != EVERYBODY else None


async def _erasure(case_id: str, found: Progress, scrubbing: Scrubbing) -> Erasure:
    if found.decided is None or found.destroyed is None:
        raise Problem(UNAVAILABLE, AGAIN, headers=RETRY_AFTER)
    told = {
        **to_builtins(found.decided.event),
        "case_id": case_id,
        "decided_at": found.decided.recordedat,
        "decided_position": found.decided.position,
        **to_builtins(found.destroyed.event),
        "destroyed_position": found.destroyed.position,
        **await _left(case_id, scrubbing),
    }
    return convert(told, Erasure)


async def _left(case_id: str, scrubbing: Scrubbing) -> dict[str, Any]:
    at, residue = await scrubbing.done_at(case_id), await scrubbing.residue()
    return {"scrubbed_at": at, "left": residue.told if at is None or residue.orphan else None}
