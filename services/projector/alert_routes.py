"""Practice alerts on HTTP: the list of them, and each with every step of its ladder, also as a page."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any, Final, NamedTuple

from litestar import MediaType, Request, Response, get
from litestar.types import ControllerRouterHandler

from services.domain import calendar
from services.domain.as_at import AsAt
from services.domain.events.alert import Rung
from services.projector import answers, closures, page
from services.projector.answering import answer, answer_page, place, show
from services.projector.answers import Alert, AlertPage
from services.projector.asking import ASKED, Asked, one_case
from services.projector.cursor import PositionKey
from services.projector.outcomes import AMBIGUOUS_ALERT, NOT_CAUGHT_UP, OF_A_LIST, REFUSALS
from services.projector.parameters import AlertId, AtRung, Cursor, DueBefore, Limit, OfCase, Open, WaitFor
from services.projector.past import Past, beyond
from services.projector.reader import Found, Reader, Row
from services.runtime import problems
from services.runtime.clock import Clock
from services.runtime.problems import NOT_FOUND, UNAVAILABLE, Problem

MOST_CASES_NAMED: Final = 20
VOIDED_SINCE: Final = (
    "No alert of that id is known now. If what it began with was voided since, name its case: `?case_id=`."
)


class Wanted(NamedTuple):
    """Which alerts of a list are wanted; `None` says nothing of them."""

    is_open: bool | None
    rung: Rung | None
    due_before: date | None


def routes(reader: Reader, clock: Clock) -> list[ControllerRouterHandler]:
    """The routes of alerts."""
    past = Past(reader)

    def alert_in(found: Found, asked: AsAt) -> Callable[[Row], Alert]:
        days = closures.working_days(found.first["closure_days"])
        today = calendar.london_date(asked.moment(clock.now()))
        return partial(answers.alert_of, today=today, days=days)

    @get("/v1/alerts", responses=OF_A_LIST, exception_handlers=REFUSALS, dependencies=ASKED)
    async def read_alerts(  # noqa: PLR0913, PLR0917 - each is a parameter of the query
        asked: Asked,
        is_open: Open = None,
        rung: AtRung = None,
        due_before: DueBefore = None,
        case_id: OfCase = None,
        limit: Limit = 50,
        cursor: Cursor = None,
        wait_for: WaitFor = 0,
    ) -> Response[AlertPage]:
        """List practice alerts in the order in which they began; of the past, those of one case."""
        after = place(cursor, PositionKey, 0)
        if asked.is_now:
            binds = (is_open, rung, due_before, case_id, after, limit + 1)
            found = await reader.find("alerts", *binds, key="case_id", at_least=wait_for)
        else:
            every = await past.list("alert", one_case(case_id), asked, at_least=wait_for)
            wanted = Wanted(is_open, rung, due_before)
            rows = [row for row in beyond(every, after).rows if _is_wanted(row, wanted)]
            found = every._replace(rows=rows)
        return answer_page(AlertPage, found, limit, alert_in(found, asked), "position")

    @get(
        "/v1/alerts/{alert_id:str}",
        responses=problems.responses(NOT_FOUND, AMBIGUOUS_ALERT, NOT_CAUGHT_UP, UNAVAILABLE),
        exception_handlers=REFUSALS,
        operation_class=page.AlsoAsPage,
        dependencies=ASKED,
    )
    async def read_alert(
        request: Request[Any, Any, Any],
        alert_id: AlertId,
        asked: Asked,
        case_id: OfCase = None,
        wait_for: WaitFor = 0,
    ) -> Response[Alert]:
        """Show an alert with every step of its ladder. Its id is its own only within its case.

        A browser, which asks for `text/html`, gets it as a page.
        """
        found = await _find(alert_id, case_id, asked, wait_for)
        alert = alert_in(found, asked)(found.rows[0])
        if request.accept.best_match([MediaType.JSON, MediaType.HTML]) == MediaType.HTML:
            return show(page.render(alert, clock.now(), test_clock=clock.is_test, asked=asked), found)
        return answer(alert, found)

    async def _find(alert_id: str, case_id: str | None, asked: AsAt, at_least: int) -> Found:
        """The one row of an alert, as it is or was."""
        if asked.is_now or case_id is None:
            found = await reader.find(
                "alert", alert_id, case_id, MOST_CASES_NAMED, key="case_id", at_least=at_least
            )
            if len(found.rows) > 1:
                raise Problem(AMBIGUOUS_ALERT, cases=[row["case_id"] for row in found.rows])
            if asked.is_now or not found.rows:
                return _there(found, "" if asked.is_now else VOIDED_SINCE)
            case_id = str(found.rows[0]["case_id"])
        return _there(await past.find_alert(alert_id, case_id, asked, at_least=at_least))

    return [read_alerts, read_alert]


def _there(found: Found, otherwise: str = "") -> Found:
    if not found.rows:
        raise Problem(NOT_FOUND, otherwise)
    return found


def _is_wanted(row: Row, wanted: Wanted) -> bool:
    """What `alerts.sql` asks of a row, asked of a row of the past."""
    due = wanted.due_before is None or (row["due_on"] is not None and row["due_on"] < wanted.due_before)
    return due and wanted.is_open in {None, row["open"]} and wanted.rung in {None, row["rung"]}
