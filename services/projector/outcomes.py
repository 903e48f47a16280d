"""What each outcome of a query is on HTTP: the one table of transport codes."""

from collections.abc import Callable
from typing import Any, Final

from litestar import MediaType, Request, Response
from litestar.types import ExceptionHandlersMap

from services.projector import page
from services.projector.answering import LOCKED_DOWN, reads_pages
from services.projector.cursor import NotACursor
from services.projector.past import NotThen
from services.projector.reader import NotCaughtUp, ReadModelAway
from services.runtime import problems
from services.runtime.problems import (
    INVALID_REQUEST,
    NOT_FOUND,
    UNAUTHENTICATED,
    UNAVAILABLE,
    Fault,
    Kind,
    Problem,
)

RETRY_AFTER: Final = {"Retry-After": "1"}

NOT_CAUGHT_UP: Final = Kind(
    "not-caught-up",
    "The read model has not come that far yet",
    503,
    "Ask again after `Retry-After` seconds; `/v1/lag` says how far it has come.",
)
CASE_PARKED: Final = Kind(
    "case-parked",
    "The case cannot be shown by this release",
    503,
    "Its first event is of a kind that this release does not know: `/v1/lag` names it. Run a newer release.",
)
AMBIGUOUS_ALERT: Final = Kind(
    "ambiguous-alert",
    "Several cases have an alert of that id",
    409,
    "Add `?case_id=`; `cases` names the first of them.",
)
KINDS: Final = (NOT_CAUGHT_UP, CASE_PARKED, AMBIGUOUS_ALERT)
"""The kinds that only this service answers: for the reference."""

OF_A_LIST: Final = problems.responses(NOT_CAUGHT_UP, UNAVAILABLE)
"""What else every list may answer."""


def _refuse(kind: Kind) -> Callable[[Any, Exception], Response[bytes]]:
    def handle(_request: Any, error: Exception) -> Response[bytes]:
        reached: dict[str, Any] = {"position": error.as_of} if isinstance(error, NotCaughtUp) else {}
        return problems.answer(Problem(kind, headers=RETRY_AFTER, **reached))

    return handle


def _refuse_cursor(_request: Any, _error: Exception) -> Response[bytes]:
    fault = Fault(parameter="cursor", message="is not a cursor that this list gave")
    return problems.answer(Problem(INVALID_REQUEST, faults=[fault]))


def _say_since_when(_request: Any, error: Exception) -> Response[bytes]:
    return problems.answer(Problem(NOT_FOUND, str(error)))


def _refuse_as_asked(request: Request[Any, Any, Any], problem: Problem) -> Response[Any]:
    """A browser, in which somebody followed a link from a message, is told what to do in words."""
    if not reads_pages(request) or problem.kind not in {UNAUTHENTICATED, NOT_FOUND}:
        return problems.answer(problem)
    headers = problem.headers | LOCKED_DOWN
    return Response(page.closed(), status_code=problem.status, headers=headers, media_type=MediaType.HTML)


REFUSALS: Final[ExceptionHandlersMap] = {
    Problem: _refuse_as_asked,
    NotCaughtUp: _refuse(NOT_CAUGHT_UP),
    ReadModelAway: _refuse(UNAVAILABLE),
    NotACursor: _refuse_cursor,
    NotThen: _say_since_when,
}
"""What a failure of the reader, or of a cursor, is: every route takes these as its handlers."""
