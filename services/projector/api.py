"""The read models on HTTP. What each outcome is as a status is said here, and nowhere else."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from litestar import MediaType, Request, Response, get
from litestar.types import ControllerRouterHandler, ExceptionHandlersMap

from services.domain import calendar
from services.domain.calendar import Calendar
from services.projector import answers, cursor, page
from services.projector.answers import Alert, AlertPage, Case, CasePage, NotificationPage, TimelinePage
from services.projector.cursor import CaseKey, NotACursor, PositionKey
from services.projector.lag import Lag, LagGauge
from services.projector.parameters import (
    AlertId,
    AtRung,
    CaseId,
    Cursor,
    DueBefore,
    Limit,
    OfAlert,
    OfCase,
    OfHolder,
    OfState,
    OfStatus,
    Open,
    WaitFor,
)
from services.projector.reader import Found, NotCaughtUp, Reader, ReadModelAway
from services.runtime import problems
from services.runtime.clock import Clock
from services.runtime.problems import INVALID_REQUEST, NOT_FOUND, UNAVAILABLE, Fault, Kind, Problem

AS_OF: Final = "Caseledger-Position"
"""The header that says up to which position an answer accounts for the ledger."""
LOCKED_DOWN: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}
"""A page loads nothing, is kept nowhere and tells nobody where it was."""
RETRY_AFTER: Final = {"Retry-After": "1"}
MOST_CASES_NAMED: Final = 20

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

T = TypeVar("T")

_LIST: Final = problems.responses(NOT_CAUGHT_UP, UNAVAILABLE)


def _refuse(kind: Kind) -> Callable[[Any, Exception], Response[bytes]]:
    def handle(_request: Any, error: Exception) -> Response[bytes]:
        reached: dict[str, Any] = {"position": error.as_of} if isinstance(error, NotCaughtUp) else {}
        return problems.answer(Problem(kind, headers=RETRY_AFTER, **reached))

    return handle


def _refuse_cursor(_request: Any, _error: Exception) -> Response[bytes]:
    fault = Fault(parameter="cursor", message="is not a cursor that this list gave")
    return problems.answer(Problem(INVALID_REQUEST, faults=[fault]))


_ON: Final[ExceptionHandlersMap] = {
    NotCaughtUp: _refuse(NOT_CAUGHT_UP),
    ReadModelAway: _refuse(UNAVAILABLE),
    NotACursor: _refuse_cursor,
}


def routes(reader: Reader, gauge: LagGauge, clock: Clock, days: Calendar) -> list[ControllerRouterHandler]:
    """The routes of the read models."""
    return [*_case_routes(reader), *_alert_routes(reader, clock, days), *_other_routes(reader, gauge)]


def _case_routes(reader: Reader) -> list[ControllerRouterHandler]:
    @get("/v1/cases", responses=_LIST, exception_handlers=_ON)
    async def read_cases(
        status: OfStatus = None, limit: Limit = 50, cursor: Cursor = None, wait_for: WaitFor = 0
    ) -> Response[CasePage]:
        """List cases in order of their ids."""
        after = _place(cursor, CaseKey, "")
        found = await reader.find("cases", status, after, limit + 1, key="case_id", at_least=wait_for)
        return _page(CasePage, found, limit, answers.case_of, "case_id")

    @get(
        "/v1/cases/{case_id:str}",
        responses=problems.responses(NOT_FOUND, NOT_CAUGHT_UP, CASE_PARKED, UNAVAILABLE),
        exception_handlers=_ON,
    )
    async def read_case(case_id: CaseId, wait_for: WaitFor = 0) -> Response[Case]:
        """Show where a case stands."""
        found = await reader.find("case", case_id, key="case_id", at_least=wait_for)
        if not found.rows:
            raise Problem(CASE_PARKED if found.first["known"] else NOT_FOUND)
        return _answer(answers.case_of(found.rows[0]), found)

    @get(
        "/v1/cases/{case_id:str}/timeline",
        responses=problems.responses(NOT_FOUND, NOT_CAUGHT_UP, UNAVAILABLE),
        exception_handlers=_ON,
    )
    async def read_timeline(
        case_id: CaseId, limit: Limit = 50, cursor: Cursor = None, wait_for: WaitFor = 0
    ) -> Response[TimelinePage]:
        """Tell everything that was recorded of a case, in the order in which it was."""
        after = _place(cursor, PositionKey, 0)
        found = await reader.find("timeline", case_id, after, limit + 1, key="case_id", at_least=wait_for)
        if not found.first["known"]:
            raise Problem(NOT_FOUND)
        return _page(TimelinePage, found, limit, answers.event_of, "position")

    return [read_cases, read_case, read_timeline]


def _alert_routes(reader: Reader, clock: Clock, days: Calendar) -> list[ControllerRouterHandler]:
    def alert_of(row: Mapping[str, Any]) -> Alert:
        return answers.alert_of(row, calendar.london_date(clock.now()), days)

    @get("/v1/alerts", responses=_LIST, exception_handlers=_ON)
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
        binds = (is_open, rung, due_before, case_id, _place(cursor, PositionKey, 0), limit + 1)
        found = await reader.find("alerts", *binds, key="case_id", at_least=wait_for)
        return _page(AlertPage, found, limit, alert_of, "position")

    @get(
        "/v1/alerts/{alert_id:str}",
        responses=problems.responses(NOT_FOUND, AMBIGUOUS_ALERT, NOT_CAUGHT_UP, UNAVAILABLE),
        exception_handlers=_ON,
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
            return _show(page.render(alert, clock.now(), test_clock=clock.is_test), found)
        return _answer(alert, found)

    return [read_alerts, read_alert]


def _other_routes(reader: Reader, gauge: LagGauge) -> list[ControllerRouterHandler]:
    @get("/v1/notifications", responses=_LIST, exception_handlers=_ON)
    async def read_notifications(  # noqa: PLR0913, PLR0917 - each is a parameter of the query
        alert_id: OfAlert = None,
        holder: OfHolder = None,
        became: OfState = None,
        case_id: OfCase = None,
        limit: Limit = 50,
        cursor: Cursor = None,
        wait_for: WaitFor = 0,
    ) -> Response[NotificationPage]:
        """List messages and what became of them, in the order of their first attempts."""
        binds = (alert_id, holder, became, case_id, _place(cursor, PositionKey, 0), limit + 1)
        found = await reader.find("notifications", *binds, key="case_id", at_least=wait_for)
        return _page(NotificationPage, found, limit, answers.notification_of, "position")

    @get("/v1/lag", responses=problems.responses(UNAVAILABLE), exception_handlers=_ON)
    async def read_lag() -> Lag:
        """Say how far the read models are behind the ledger, and which cases are parked."""
        return await gauge.read()

    return [read_notifications, read_lag]


def _place(given: str | None, kind: Any, first: Any) -> Any:
    return first if given is None else cursor.read(given, kind)


def _page(
    page_of: Callable[[list[T], str | None], Any],
    found: Found,
    limit: int,
    item_of: Callable[[Mapping[str, Any]], T],
    key: str,
) -> Response[Any]:
    """A page of at most `limit` items; one more was asked for, to know whether another page follows."""
    shown: Sequence[Mapping[str, Any]] = found.rows[:limit]
    more = len(found.rows) > limit
    return _answer(
        page_of([item_of(row) for row in shown], cursor.write(shown[-1][key]) if more else None), found
    )


def _show(html: str, found: Found) -> Response[Any]:
    return Response(html, media_type=MediaType.HTML, headers={AS_OF: str(found.as_of), **LOCKED_DOWN})


def _answer(content: T, found: Found) -> Response[T]:
    return Response(content, headers={AS_OF: str(found.as_of)})
