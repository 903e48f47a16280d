"""Deadlines on HTTP: the due board of the whole office, one case's own, and how many stand how."""

from functools import partial
from typing import Any, Final

from litestar import Request, Response, get
from litestar.types import ControllerRouterHandler

from services.domain.as_at import AsAt
from services.domain.policy import Action
from services.projector import closures, deadline_page
from services.projector.answering import answer, answer_page, place, reads_pages, show
from services.projector.asking import ASKED, Asked, one_case
from services.projector.board import EVERY, Question
from services.projector.cursor import BEFORE_ALL, DueKey
from services.projector.deadline_answers import DeadlineCounts, DeadlinePage, counts_of, deadline_of
from services.projector.deadline_parameters import (
    Allocated,
    DueBefore,
    DueFrom,
    OfKind,
    OfStates,
    OfTeam,
    OfWorker,
)
from services.projector.outcomes import NOT_CAUGHT_UP, OF_A_LIST, REFUSALS
from services.projector.page import AlsoAsPage
from services.projector.parameters import CaseId, Cursor, Limit, OfCase, WaitFor
from services.projector.past import Past
from services.projector.reader import Found, Reader
from services.runtime import problems
from services.runtime.clock import Clock
from services.runtime.problems import NOT_FOUND, UNAVAILABLE, Problem

Page = Response[DeadlinePage]

_KEY: Final = ("board_on", "case_id", "deadline_id")


def routes(reader: Reader, clock: Clock) -> list[ControllerRouterHandler]:
    """The routes of deadlines."""
    boards = _Boards(reader, Past(reader), clock)
    return [_board(boards), _board_of_case(boards), _counts(reader, clock)]


class _Boards:
    """Finds what is on the board, now or in the past."""

    def __init__(self, reader: Reader, past: Past, clock: Clock) -> None:
        self._reader = reader
        self._past = past
        self._clock = clock

    def shown(self, answered: Page, title: str, asked: AsAt) -> Response[Any]:
        """The same, to be read by a person."""
        now, test_clock = self._clock.now(), self._clock.is_test
        html = deadline_page.render(answered.content, title, now, test_clock=test_clock, asked=asked)
        return show(html, answered)

    async def page(
        self, wanted: Question, asked: AsAt, limit: int, cursor: str | None, at_least: int
    ) -> Page:
        """One page of it."""
        after = place(cursor, DueKey, BEFORE_ALL)
        if asked.is_now:
            binds = (*wanted.binds(self._clock.now()), *after, limit + 1)
            found = await self._reader.find("deadlines", *binds, key="case_id", at_least=at_least)
        else:
            found = await self._then(wanted, after, asked, at_least)
        now, days = asked.moment(self._clock.now()), closures.working_days(found.first["closure_days"])
        return answer_page(DeadlinePage, found, limit, partial(deadline_of, now=now, days=days), _KEY)

    async def is_known(self, case_id: str, asked: AsAt) -> bool:
        """Whether there is a case. Raises `NotThen` if there was none yet."""
        if asked.is_now:
            found = await self._reader.find("case", case_id, key="case_id")
        else:
            found = await self._past.find("case_status", case_id, asked, at_least=0)
        return bool(found.first["known"])

    async def _then(self, wanted: Question, after: Any, asked: AsAt, at_least: int) -> Found:
        found = await self._past.list("deadline", one_case(wanted.case_id), asked, at_least=at_least)
        rows = wanted.pick(found.rows, asked.moment(self._clock.now()))
        return found._replace(rows=[row for row in rows if tuple(row[each] for each in _KEY) > tuple(after)])


def _board(boards: _Boards) -> ControllerRouterHandler:
    @get(
        "/v1/deadlines",
        opt={"action": Action.READ_DEADLINES},
        responses=OF_A_LIST,
        exception_handlers=REFUSALS,
        operation_class=AlsoAsPage,
        dependencies=ASKED,
    )
    async def read_deadlines(  # noqa: PLR0913, PLR0917 - each is a parameter of the query
        request: Request[Any, Any, Any],
        asked: Asked,
        states: OfStates = None,
        kind: OfKind = None,
        team: OfTeam = None,
        worker: OfWorker = None,
        case_id: OfCase = None,
        allocated: Allocated = None,
        due_from: DueFrom = None,
        due_before: DueBefore = None,
        limit: Limit = 50,
        cursor: Cursor = None,
        wait_for: WaitFor = 0,
    ) -> Response[DeadlinePage]:
        """List deadlines in order of their due dates, as they stand now; of the past, those of one case.

        Those that cannot be counted come last. A browser, which asks for `text/html`, gets them as a page.
        """
        bounds = (kind, team, worker, case_id, allocated, due_from, due_before)
        answered = await boards.page(Question(states or EVERY, *bounds), asked, limit, cursor, wait_for)
        title = f"Deadlines of {team}" if team else "Deadlines"
        return boards.shown(answered, title, asked) if reads_pages(request) else answered

    return read_deadlines


def _board_of_case(boards: _Boards) -> ControllerRouterHandler:
    @get(
        "/v1/cases/{case_id:str}/deadlines",
        opt={"action": Action.READ_DEADLINES},
        responses=problems.responses(NOT_FOUND, NOT_CAUGHT_UP, UNAVAILABLE),
        exception_handlers=REFUSALS,
        operation_class=AlsoAsPage,
        dependencies=ASKED,
    )
    async def read_deadlines_of_case(  # noqa: PLR0913, PLR0917 - as above
        request: Request[Any, Any, Any],
        case_id: CaseId,
        asked: Asked,
        states: OfStates = None,
        kind: OfKind = None,
        limit: Limit = 50,
        cursor: Cursor = None,
        wait_for: WaitFor = 0,
    ) -> Response[DeadlinePage]:
        """List one case's deadlines in order of their due dates, as they stand now, or stood.

        A browser, which asks for `text/html`, gets them as a page.
        """
        wanted = Question(states or EVERY, kind, case_id=case_id)
        answered = await boards.page(wanted, asked, limit, cursor, wait_for)
        if not answered.content.items and not await boards.is_known(case_id, asked):
            raise Problem(NOT_FOUND)
        if reads_pages(request):
            return boards.shown(answered, f"Deadlines of case {case_id}", asked)
        return answered

    return read_deadlines_of_case


def _counts(reader: Reader, clock: Clock) -> ControllerRouterHandler:
    @get(
        "/v1/deadlines/counts",
        opt={"action": Action.READ_COUNTS},
        responses=OF_A_LIST,
        exception_handlers=REFUSALS,
    )
    async def read_deadline_counts(  # noqa: PLR0913, PLR0917 - each is a parameter of the query
        states: OfStates = None,
        kind: OfKind = None,
        team: OfTeam = None,
        worker: OfWorker = None,
        due_from: DueFrom = None,
        due_before: DueBefore = None,
        wait_for: WaitFor = 0,
    ) -> Response[DeadlineCounts]:
        """Count deadlines by team and by how they stand now."""
        wanted = states or EVERY
        asked = Question(wanted, kind, team, worker, due_from=due_from, due_before=due_before)
        binds = asked.binds(clock.now())
        found = await reader.find("deadline_counts", *binds, key="number", at_least=wait_for)
        return answer(counts_of(found.rows, wanted), found)

    return read_deadline_counts
