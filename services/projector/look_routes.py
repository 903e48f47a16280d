"""Looks on HTTP: who was shown what is sealed of a child, and what one person was shown."""

from typing import Annotated

from litestar import Response, get
from litestar.params import Parameter
from litestar.types import ControllerRouterHandler

from services.domain.policy import Action
from services.projector.answering import answer_page, place
from services.projector.cursor import MOST, PositionKey
from services.projector.look_answers import LookPage, Unusual, look_of
from services.projector.outcomes import NOT_CAUGHT_UP, OF_A_LIST, REFUSALS
from services.projector.parameters import CaseId, Cursor, Limit, OfReader, WaitFor
from services.projector.reader import Reader
from services.runtime import problems
from services.runtime.instants import instant_parameter, read_instant
from services.runtime.problems import NOT_FOUND, UNAVAILABLE, Problem

Since = Annotated[str | None, instant_parameter("Only looks from this instant on: RFC 3339, with an offset.")]
OfUnusual = Annotated[Unusual | None, Parameter(description="Only looks that are unusual in this way.")]


def routes(reader: Reader) -> list[ControllerRouterHandler]:
    """The routes of looks."""

    @get(
        "/v1/cases/{case_id:str}/access",
        opt={"action": Action.READ_ACCESS_LOG},
        responses=problems.responses(NOT_FOUND, NOT_CAUGHT_UP, UNAVAILABLE),
        exception_handlers=REFUSALS,
    )
    async def read_access(  # noqa: PLR0913, PLR0917 - each is a parameter of the query
        case_id: CaseId,
        who: OfReader = None,
        since: Since = None,
        unusual: OfUnusual = None,
        limit: Limit = 50,
        cursor: Cursor = None,
        wait_for: WaitFor = 0,
    ) -> Response[LookPage]:
        """Tell who was shown what is sealed of this case, the newest first."""
        binds = (case_id, who, read_instant("since", since), unusual, place(cursor, PositionKey, MOST))
        found = await reader.find("looks", *binds, limit + 1, key="case_id", at_least=wait_for)
        if not found.first["known"]:
            raise Problem(NOT_FOUND)
        return answer_page(LookPage, found, limit, look_of, "position")

    @get(
        "/v1/looks", opt={"action": Action.READ_ACCESS_LOG}, responses=OF_A_LIST, exception_handlers=REFUSALS
    )
    async def read_looks(  # noqa: PLR0913, PLR0917 - each is a parameter of the query
        who: OfReader = None,
        since: Since = None,
        unusual: OfUnusual = None,
        limit: Limit = 50,
        cursor: Cursor = None,
        wait_for: WaitFor = 0,
    ) -> Response[LookPage]:
        """Tell what one person, or anybody, was shown that is sealed, the newest first."""
        binds = (None, who, read_instant("since", since), unusual, place(cursor, PositionKey, MOST))
        found = await reader.find("looks", *binds, limit + 1, key="case_id", at_least=wait_for)
        return answer_page(LookPage, found, limit, look_of, "position")

    return [read_access, read_looks]
