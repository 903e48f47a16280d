"""Practice alerts on HTTP: the list of them, and each with every step of its ladder, also as a page."""

from collections.abc import Mapping
from typing import Any, Final

from litestar import MediaType, Request, Response, get
from litestar.types import ControllerRouterHandler

from services.domain import calendar
from services.domain.calendar import Calendar
from services.projector import answers, page
from services.projector.answering import answer, answer_page, place, show
from services.projector.answers import Alert, AlertPage
from services.projector.cursor import PositionKey
from services.projector.outcomes import AMBIGUOUS_ALERT, NOT_CAUGHT_UP, OF_A_LIST, REFUSALS
from services.projector.parameters import AlertId, AtRung, Cursor, DueBefore, Limit, OfCase, Open, WaitFor
from services.projector.reader import Reader
from services.runtime import problems
from services.runtime.clock import Clock
from services.runtime.problems import NOT_FOUND, UNAVAILABLE, Problem

MOST_CASES_NAMED: Final = 20


def routes(reader: Reader, clock: Clock, days: Calendar) -> list[ControllerRouterHandler]:
    """The routes of alerts."""

    def alert_of(row: Mapping[str, Any]) -> Alert:
        return answers.alert_of(row, calendar.london_date(clock.now()), days)

    @get("/v1/alerts", responses=OF_A_LIST, exception_handlers=REFUSALS)
    async def read_alerts(  # noqa: PLR0913, PLR0917 - each is a parameter of the query
        is_open: Open = None,
        rung: AtRung = None,
        due_before: DueBefore = None,
        case_id: OfCase = None,
        limit: Limit = 50,
        cursor: Cursor = None,
        wait_for: WaitFor = 0,
    ) -> Response[AlertPage]:
        """List practice alerts in the order in which they began."""
        binds = (is_open, rung, due_before, case_id, place(cursor, PositionKey, 0), limit + 1)
        found = await reader.find("alerts", *binds, key="case_id", at_least=wait_for)
        return answer_page(AlertPage, found, limit, alert_of, "position")

    @get(
        "/v1/alerts/{alert_id:str}",
        responses=problems.responses(NOT_FOUND, AMBIGUOUS_ALERT, NOT_CAUGHT_UP, UNAVAILABLE),
        exception_handlers=REFUSALS,
        operation_class=page.AlsoAsPage,
    )
    async def read_alert(
        request: Request[Any, Any, Any], alert_id: AlertId, case_id: OfCase = None, wait_for: WaitFor = 0
    ) -> Response[Alert]:
        """Show an alert with every step of its ladder. Its id is its own only within its case.

        A browser, which asks for `text/html`, gets it as a page.
        """
        binds = (alert_id, case_id, MOST_CASES_NAMED)
        found = await reader.find("alert", *binds, key="case_id", at_least=wait_for)
        if not found.rows:
            raise Problem(NOT_FOUND)
        if len(found.rows) > 1:
            raise Problem(AMBIGUOUS_ALERT, cases=[row["case_id"] for row in found.rows])
        alert = alert_of(found.rows[0])
        if request.accept.best_match([MediaType.JSON, MediaType.HTML]) == MediaType.HTML:
            return show(page.render(alert, clock.now(), test_clock=clock.is_test), found)
        return answer(alert, found)

    return [read_alerts, read_alert]
