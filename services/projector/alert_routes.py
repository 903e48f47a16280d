"""Practice alerts on HTTP: the list of them, and each with every step of its ladder, also as a page."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any, Final, NamedTuple

from litestar import Request, Response, get
from litestar.types import ControllerRouterHandler

from services.domain import calendar
from services.domain.as_at import AsAt
from services.domain.events.alert import Rung
from services.domain.policy import Action
from services.projector import alert_page, answers, closures
from services.projector.answering import answer, answer_page, place, reads_pages, show
from services.projector.answers import Alert, AlertPage
from services.projector.asking import ASKED, Asked, one_case
from services.projector.cursor import PositionKey
from services.projector.outcomes import AMBIGUOUS_ALERT, NOT_CAUGHT_UP, OF_A_LIST, REFUSALS
from services.projector.page import AlsoAsPage
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
    alerts = _Alerts(reader, Past(reader), clock)
    return [_list(alerts), _one(alerts, clock)]


class _Alerts:
    """Finds alerts as they are, or were."""

    def __init__(self, reader: Reader, past: Past, clock: Clock) -> None:
        self._reader = reader
        self._past = past
        self._clock = clock

    async def page(  # noqa: PLR0913, PLR0917 - each is a part of the query
        self, wanted: Wanted, case_id: str | None, asked: AsAt, limit: int, cursor: str | None, at_least: int
    ) -> Response[AlertPage]:
        """One page of those that are wanted."""
        after = place(cursor, PositionKey, 0)
        if asked.is_now:
            binds = (*wanted, case_id, after, limit + 1)
            found = await self._reader.find("alerts", *binds, key="case_id", at_least=at_least)
        else:
            every = await self._past.list("alert", one_case(case_id), asked, at_least=at_least)
            rows = [row for row in beyond(every, after).rows if _is_wanted(row, wanted)]
            found = every._replace(rows=rows)
        return answer_page(AlertPage, found, limit, self.alert_in(found, asked), "position")

    async def find(self, alert_id: str, case_id: str | None, asked: AsAt, at_least: int) -> Found:
        """The one row of an alert. Raises `Problem` unless there is one."""
        if asked.is_now or case_id is None:
            found = await self._reader.find(
                "alert", alert_id, case_id, MOST_CASES_NAMED, key="case_id", at_least=at_least
            )
            if len(found.rows) > 1:
                raise Problem(AMBIGUOUS_ALERT, cases=[row["case_id"] for row in found.rows])
            if asked.is_now or not found.rows:
                return _there(found, "" if asked.is_now else VOIDED_SINCE)
            case_id = str(found.rows[0]["case_id"])
        return _there(await self._past.find_alert(alert_id, case_id, asked, at_least=at_least))

    def alert_in(self, found: Found, asked: AsAt) -> Callable[[Row], Alert]:
        """How a row of what was found is read, as it looks at the moment that is asked about."""
        days = closures.working_days(found.first["closure_days"])
        today = calendar.london_date(asked.moment(self._clock.now()))
        return partial(answers.alert_of, today=today, days=days)


def _list(alerts: _Alerts) -> ControllerRouterHandler:
    @get(
        "/v1/alerts",
        opt={"action": Action.READ_ALERTS},
        responses=OF_A_LIST,
        exception_handlers=REFUSALS,
        dependencies=ASKED,
    )
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
        return await alerts.page(Wanted(is_open, rung, due_before), case_id, asked, limit, cursor, wait_for)

    return read_alerts


def _one(alerts: _Alerts, clock: Clock) -> ControllerRouterHandler:
    @get(
        "/v1/alerts/{alert_id:str}",
        opt={"action": Action.READ_ALERTS},
        responses=problems.responses(NOT_FOUND, AMBIGUOUS_ALERT, NOT_CAUGHT_UP, UNAVAILABLE),
        exception_handlers=REFUSALS,
        operation_class=AlsoAsPage,
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
        found = await alerts.find(alert_id, case_id, asked, wait_for)
        alert = alerts.alert_in(found, asked)(found.rows[0])
        answered = answer(alert, found)
        if not reads_pages(request):
            return answered
        shown = alert_page.render(alert, clock.now(), test_clock=clock.is_test, asked=asked)
        return show(shown, answered)

    return read_alert


def _there(found: Found, otherwise: str = "") -> Found:
    if not found.rows:
        raise Problem(NOT_FOUND, otherwise)
    return found


def _is_wanted(row: Row, wanted: Wanted) -> bool:
    """What `alerts.sql` asks of a row, asked of a row of the past."""
    due = wanted.due_before is None or (row["due_on"] is not None and row["due_on"] < wanted.due_before)
    return due and wanted.is_open in {None, row["open"]} and wanted.rung in {None, row["rung"]}
