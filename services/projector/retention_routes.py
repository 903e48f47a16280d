"""Retention on HTTP: which cases may be erased by a day, by which rule, and whether a legal hold stops it.

The years are those of the rules and policies in force on the day of asking. The statement leaves out what no
version of a rule lets go by then; what it finds is worked out as the ledger does when somebody erases it.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any

from litestar import Response, get
from litestar.params import Parameter
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from services.domain import calendar, retention
from services.domain.events.forgetting import RetentionRule
from services.domain.events.shape import EARLIEST
from services.domain.office import Office
from services.domain.policy import Action
from services.domain.retention import Claim, Due
from services.domain.retention_rules import RETENTIONS, Counted
from services.domain.timescale import Basis
from services.projector import closures
from services.projector.answering import answer_page, place
from services.projector.cursor import CaseKey
from services.projector.outcomes import OF_A_LIST, REFUSALS
from services.projector.parameters import Cursor, Limit, WaitFor
from services.projector.reader import Reader
from services.runtime.clock import Clock

NAMES = {each.rule: each.name for each in reversed(RETENTIONS)}

DueBy = Annotated[
    date | None,
    Parameter(description="What is due by this London date, by the rules in force today; without it, today."),
]


class DueCase(Struct, frozen=True, kw_only=True):
    """One case that may be erased from `due_on` on, unless there are `holds`: the ids of its legal holds.

    It is kept longest by `rule`, for `years` counted from `start_on`; `name` says that in words.
    """

    case_id: str
    due_on: date
    rule: RetentionRule
    name: str
    years: int
    counted: Counted
    start_on: date
    basis: Basis
    policy_version: str
    holds: list[str]


class RetentionPage(Struct, frozen=True):
    """Cases that are due, in order of their ids. A page may hold fewer than were asked for."""

    items: list[DueCase]
    next: str | None


def routes(reader: Reader, clock: Clock) -> list[ControllerRouterHandler]:
    """The route of what is due to be erased."""

    @get(
        "/v1/retention",
        opt={"action": Action.READ_RETENTION},
        responses=OF_A_LIST,
        exception_handlers=REFUSALS,
    )
    async def read_retention(
        due_by: DueBy = None, limit: Limit = 50, cursor: Cursor = None, wait_for: WaitFor = 0
    ) -> Response[RetentionPage]:
        """List the cases whose time is up, in order of their ids."""
        today = calendar.london_date(clock.now())
        by = max(due_by or today, EARLIEST.date())
        adopted = await reader.find("policies", key="document", at_least=wait_for)
        office = closures.office_of(row["document"] for row in adopted.rows)
        rules, dates = zip(*retention.earliest(office, by), strict=True)
        after = place(cursor, CaseKey, "")
        found = await reader.find("claims", rules, dates, after, limit + 1, key="case_id", at_least=wait_for)

        def page_of(items: list[DueCase | None], following: str | None) -> RetentionPage:
            return RetentionPage([item for item in items if item and item.due_on <= by], following)

        def item_of(row: Mapping[str, Any]) -> DueCase | None:
            return _due_case(row, office, today)

        return answer_page(page_of, found, limit, item_of, "case_id")

    return [read_retention]


def _due_case(row: Mapping[str, Any], office: Office, today: date) -> DueCase | None:
    found = retention.due(_claims(zip(row["rules"], row["starts"], strict=True)), office, today)
    if not isinstance(found, Due):
        return None
    return DueCase(
        case_id=row["case_id"],
        due_on=found.on,
        rule=found.rule,
        name=NAMES[found.rule],
        years=found.years,
        counted=found.counted,
        start_on=found.start,
        basis=found.basis,
        policy_version=found.policy_version,
        holds=list(row["holds"]),
    )


def _claims(told: Iterable[tuple[str, date | None]]) -> list[Claim]:
    return [Claim(RetentionRule(rule), start) for rule, start in told]
