"""The whole sample year, posted over HTTP: whatever the services answer is what its events come to."""

import asyncio
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from services.cli.year import figures
from services.cli.year.days import CLOSE, DAYS, FIRST, LAST, at
from services.cli.year.reckoning import reckon
from services.domain.as_at import AsAt, choose
from services.domain.case import Case, fold
from services.domain.deadlines import deadlines
from services.domain.event import Recorded, compose, decode
from services.domain.office import OFFICE
from services.domain.state import status
from services.notifier.intake import SOURCE as NOTIFIER
from services.projector.views.lists import LISTS
from services.runtime.clock import text
from tests.support import year
from tests.support.audit import audit
from tests.support.processes import start_caseledger
from tests.support.product import Product

pytestmark = pytest.mark.asyncio(loop_scope="module")

Item = dict[str, Any]


@dataclass(frozen=True, repr=False)  # asyncio asks for the repr of what it awaits: of 11,000 events
class Year:
    """A product that has the year, a client of its read models, and its cases, folded from a replay."""

    product: Product
    http: httpx.AsyncClient
    histories: Mapping[str, list[Recorded]]
    cases: Mapping[str, Case]

    async def get(self, path: str, **query: Any) -> Item:
        """The body of a 200."""
        answer = await self.http.get(path, params=query)
        found: Item = answer.raise_for_status().json()
        return found

    async def items(self, path: str, *, limit: int = 200, **query: Any) -> list[Item]:
        """All items of a list, over all its pages."""
        found: list[Item] = []
        while True:
            page = await self.get(path, limit=limit, **query)
            found += page["items"]
            if page["next"] is None:
                return found
            query["cursor"] = page["next"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def made(year_of_its_own: Path) -> AsyncIterator[Year]:
    async with Product(year_of_its_own, clock=CLOSE, signing_key=year.SIGNER.written()) as product:
        async with product.client(product.ledger) as ledger:
            replay = await ledger.get("/v1/events", headers={"Accept": "application/x-ndjson"})
        histories: dict[str, list[Recorded]] = {}
        for record in map(decode, replay.raise_for_status().content.splitlines()):
            histories.setdefault(record.stream, []).append(record)
        cases = {name: _folded(name, history) for name, history in histories.items() if name != OFFICE}
        async with product.client(product.projector) as http:
            yield Year(product, http, histories, cases)


def _folded(case_id: str, history: list[Recorded]) -> Case:
    case = Case(case_id=case_id)
    for record in history:
        case = fold(case, record)
    return case


def in_year(day: str | None) -> bool:
    return day is not None and FIRST <= date.fromisoformat(day) <= LAST


async def test_it_is_all_there_and_all_sound_and_rebuilt_it_is_the_same(made: Year) -> None:
    audited = await audit(made.product, whole=True, rebuilt=True)
    lag = await made.get("/v1/lag")
    assert len(audited.events) > 10_000
    assert NOTIFIER not in {each.source for each in audited.events}  # nobody climbed, nobody was told
    assert (lag["positions_behind"], lag["parked"]) == (0, [])


async def test_a_replay_of_it_comes_to_every_figure_of_the_reports(made: Year) -> None:
    found = reckon(list(made.cases.values()))
    assert len(found) > 50
    assert [(each.name, each.counted) for each in found] == [(each.name, each.printed) for each in found]


async def test_the_lists_have_the_figures_of_the_report_on_allegations(made: Year) -> None:
    allegations = await made.items("/v1/allegations")
    assert Counter(each["role"] for each in allegations) == figures.ROLES
    assert Counter(each["concern"] for each in allegations) == figures.CONCERNS
    assert Counter(each["decision"] for each in allegations) == figures.THRESHOLDS
    assert Counter(each["outcome"] for each in allegations if each["outcome"]) == figures.OUTCOMES


async def test_the_lists_have_the_figures_of_the_report_on_child_protection(made: Year) -> None:
    conferences = [each for each in await made.items("/v1/conferences") if in_year(each["held_on"])]
    enquiries = await made.items("/v1/enquiries")
    plans = [each for each in await made.items("/v1/plans") if each["kind"] == "CP"]
    plans = [each for each in plans if each["began_on"] <= str(LAST)]
    plans = [each for each in plans if each["over_on"] is None or each["over_on"] >= str(FIRST)]
    families = {each["case_id"]: each["family_id"] for each in await made.items("/v1/cases")}
    abuse = {each["conference_id"] for each in conferences if each["da_factor"]}
    asked = [each for each in enquiries if each["icpc_required"] and in_year(each["over_on"])]
    assert len({each["conference_id"] for each in conferences}) == figures.CONFERENCES
    assert len(abuse) == figures.CONFERENCES_WITH_DOMESTIC_ABUSE
    assert sum(in_year(each["began_on"]) for each in enquiries) == figures.ENQUIRIES
    assert len(asked) == figures.CONFERENCE_REQUESTS
    assert len({each["case_id"] for each in plans}) == figures.CHILDREN_ON_PLANS
    assert len({families[each["case_id"]] for each in plans}) == figures.FAMILIES_ON_PLANS
    assert Counter(each["first_category"] for each in plans) == figures.CATEGORIES
    assert len(await made.items("/v1/cases", status="CP_PLAN")) == figures.ON_PLANS_AT_YEAR_END


async def test_the_lists_have_the_figures_of_the_report_on_looked_after_children(made: Year) -> None:
    periods = await made.items("/v1/periods")
    alerts = await made.items("/v1/alerts")
    reviews = [each for each in await made.items("/v1/reviews") if in_year(each["held_on"])]
    assert len(reviews) == figures.REVIEWS
    assert sum(in_year(each["began_on"]) for each in periods) == figures.NEWLY_ACCOMMODATED
    left = Counter(each["destination"] for each in periods if in_year(each["over_on"]))
    assert left == figures.DESTINATIONS
    for found in (
        await made.items("/v1/periods", on=str(LAST)),
        await made.items("/v1/cases", status="LOOKED_AFTER"),
    ):
        assert len(found) == figures.LOOKED_AFTER_AT_YEAR_END
    assert len(alerts) == figures.ALERTS
    assert sum(each["repeat_of"] is not None for each in alerts) == figures.ALERTS_REPEATED
    assert await made.items("/v1/alerts", open="true") == []


@pytest.mark.parametrize(
    "path", ["/v1/cases", "/v1/alerts", "/v1/deadlines", *(f"/v1/{each.name}" for each in LISTS)]
)
async def test_a_list_read_to_its_end_has_everything_once(made: Year, path: str) -> None:
    whole = await made.items(path)
    told = Counter(repr(sorted(each.items())) for each in whole)
    assert max(told.values(), default=1) == 1
    assert (
        await made.items(path, limit=min(190, max(7, len(whole) // 6))) == whole
    )  # other pages, the same order


async def test_the_due_board_says_what_the_domain_says_of_each_case(made: Year) -> None:
    board = await made.items("/v1/deadlines")
    expected = {
        (case.case_id, each.deadline_id, each.state, _day(each.due_on), _day(each.met_on), each.late_by)
        for case in made.cases.values()
        for each in deadlines(case, CLOSE, DAYS)
    }
    shown = [
        (each["case_id"], *(each[name] for name in ("deadline_id", "state", "due_on", "met_on", "late_by")))
        for each in board
    ]
    counted = (await made.get("/v1/deadlines/counts"))["states"]
    assert len(shown) == len(expected)
    assert set(shown) == expected
    assert {state: number for state, number in counted.items() if number} == Counter(
        each["state"] for each in board
    )
    assert all(one["due_on"] <= other["due_on"] for one, other in pairwise(board) if other["due_on"])


def _day(day: date | None) -> str | None:
    return str(day) if day else None


def some(made: Year, every: int) -> list[str]:
    """One case in so many, of every status that there is."""
    by_status = sorted(made.cases, key=lambda name: (status.status(made.cases[name].facts), name))
    return by_status[::every]


async def test_a_chronology_tells_each_event_of_a_case_once_in_the_order_of_days(made: Year) -> None:
    for case_id in some(made, 40):
        chronology = await made.items(f"/v1/cases/{case_id}/chronology")
        timeline = await made.items(f"/v1/cases/{case_id}/timeline")
        assert [each["happened_on"] for each in chronology] == sorted(
            each["happened_on"] for each in chronology
        )
        assert len(timeline) == len(made.histories[case_id])
        assert {each["position"] for each in chronology} == {each["position"] for each in timeline}


async def test_the_chronology_of_a_family_is_that_of_its_children(made: Year) -> None:
    families = Counter(each["family_id"] for each in await made.items("/v1/cases") if each["family_id"])
    (family, children), *_ = families.most_common(1)
    assert children > 1
    together = await made.items(f"/v1/families/{family}/chronology")
    alone = [
        each
        for case in await made.items("/v1/cases", family_id=family)
        for each in await made.items(f"/v1/cases/{case['case_id']}/chronology")
    ]
    assert {each["position"] for each in together} == {each["position"] for each in alone}
    assert len(together) == len(alone)


@pytest.mark.parametrize("day", [at(date(2017, 6, 30), 23), at(date(2017, 11, 15), 12), at(LAST, 9)])
async def test_on_any_day_a_case_stood_as_what_had_happened_by_then_comes_to(
    made: Year, day: datetime
) -> None:
    for case_id in some(made, 12):
        history = made.histories[case_id]
        chosen = choose([compose(each) for each in history], AsAt(occurred_until=day))
        prefix = [each for each, is_chosen in zip(history, chosen, strict=True) if is_chosen]
        answer = await made.http.get(f"/v1/cases/{case_id}", params={"occurred_until": text(day)})
        if not prefix:
            assert answer.status_code == httpx.codes.NOT_FOUND
            continue
        found = answer.raise_for_status().json()
        assert found["status"] == status.status(_folded(case_id, prefix).facts)
        assert found["events"] == len(prefix)


async def test_it_verifies(made: Year, tmp_path: Path) -> None:
    key = tmp_path / "ledger.pub"
    key.write_text(str(year.SIGNER.verifier))
    verified = await caseledger(made.product, tmp_path, "verify", "--key", str(key))
    assert verified.returncode == 0, verified.stdout
    assert f"{sum(map(len, made.histories.values()))} events" in verified.stdout.replace(",", "")


async def test_a_case_of_it_is_handed_over_and_checked_elsewhere(made: Year, tmp_path: Path) -> None:
    longest = max(made.cases, key=lambda name: len(made.histories[name]))
    bundle = str(tmp_path / "case.zip")
    handed = await caseledger(made.product, tmp_path, "evidence", longest, "-o", bundle)
    assert handed.returncode == 0, handed.stdout
    checked = await caseledger(made.product, tmp_path, "evidence", "verify", bundle)
    assert checked.returncode == 0, checked.stdout


async def caseledger(product: Product, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command against the product."""
    process = start_caseledger(*arguments, cwd=cwd, environment=product.environment)
    out, err = await asyncio.to_thread(process.communicate, timeout=60)
    return subprocess.CompletedProcess(arguments, process.returncode, out + err)
