"""Cases on HTTP: the list of them, where each stands, and what was recorded of it."""

from litestar import Response, get
from litestar.types import ControllerRouterHandler

from services.domain.policy import Action
from services.projector import answers
from services.projector.answering import answer, answer_page, place
from services.projector.answers import Case, CasePage, TimelinePage
from services.projector.asking import ASKED, Asked
from services.projector.cursor import CaseKey, PositionKey
from services.projector.deadline_parameters import Allocated, OfIdPrefix, OfTeam, OfWorker
from services.projector.outcomes import CASE_PARKED, NOT_CAUGHT_UP, OF_A_LIST, REFUSALS
from services.projector.parameters import CaseId, Cursor, Limit, OfFamily, OfStatus, WaitFor
from services.projector.past import Past, beyond
from services.projector.reader import Reader
from services.runtime import problems
from services.runtime.problems import NOT_FOUND, UNAVAILABLE, Problem


def routes(reader: Reader) -> list[ControllerRouterHandler]:
    """The routes of cases and their timelines."""
    past = Past(reader)

    @get("/v1/cases", opt={"action": Action.READ_LISTS}, responses=OF_A_LIST, exception_handlers=REFUSALS)
    async def read_cases(  # noqa: PLR0913, PLR0917 - each is a parameter of the query
        status: OfStatus = None,
        team: OfTeam = None,
        worker: OfWorker = None,
        allocated: Allocated = None,
        begins: OfIdPrefix = None,
        family_id: OfFamily = None,
        limit: Limit = 50,
        cursor: Cursor = None,
        wait_for: WaitFor = 0,
    ) -> Response[CasePage]:
        """List cases in order of their ids."""
        binds = (status, team, worker, allocated, begins, family_id, place(cursor, CaseKey, ""), limit + 1)
        found = await reader.find("cases", *binds, key="case_id", at_least=wait_for)
        return answer_page(CasePage, found, limit, answers.case_of, "case_id")

    @get(
        "/v1/cases/{case_id:str}",
        opt={"action": Action.READ_STATUS},
        responses=problems.responses(NOT_FOUND, NOT_CAUGHT_UP, CASE_PARKED, UNAVAILABLE),
        exception_handlers=REFUSALS,
        dependencies=ASKED,
    )
    async def read_case(case_id: CaseId, asked: Asked, wait_for: WaitFor = 0) -> Response[Case]:
        """Show where a case stands, or stood."""
        if asked.is_now:
            found = await reader.find("case", case_id, key="case_id", at_least=wait_for)
        else:
            found = await past.find("case_status", case_id, asked, at_least=wait_for)
        if not found.rows:
            raise Problem(CASE_PARKED if found.first["known"] else NOT_FOUND)
        return answer(answers.case_of(found.rows[0]), found)

    @get(
        "/v1/cases/{case_id:str}/timeline",
        opt={"action": Action.READ_STATUS},
        responses=problems.responses(NOT_FOUND, NOT_CAUGHT_UP, UNAVAILABLE),
        exception_handlers=REFUSALS,
        dependencies=ASKED,
    )
    async def read_timeline(
        case_id: CaseId, asked: Asked, limit: Limit = 50, cursor: Cursor = None, wait_for: WaitFor = 0
    ) -> Response[TimelinePage]:
        """Tell everything that was recorded of a case, in the order in which it was."""
        after = place(cursor, PositionKey, 0)
        if asked.is_now:
            found = await reader.find("timeline", case_id, after, limit + 1, key="case_id", at_least=wait_for)
        else:
            found = beyond(await past.find("timeline", case_id, asked, at_least=wait_for), after)
        if not found.first["known"]:
            raise Problem(NOT_FOUND)
        return answer_page(TimelinePage, found, limit, answers.event_of, "position")

    return [read_cases, read_case, read_timeline]
