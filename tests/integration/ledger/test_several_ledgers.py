"""Several ledgers over one database: one order, dense, and every decision made on what is so."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest_asyncio

from services.domain import calendar
from services.domain.calendar import england_and_wales, with_closure_days
from tests.integration.ledger import ledgers
from tests.integration.ledger.ledgers import CLOUDEVENT, Ledger, alert, contact
from tests.support.until import until


@pytest_asyncio.fixture
async def other(ledger: Ledger, bus: str) -> AsyncIterator[Ledger]:
    async with ledgers.ledger(ledger.owner_url, bus) as served:
        yield served


async def test_positions_and_versions_stay_dense_under_both(ledger: Ledger, other: Ledger) -> None:
    posts = [(ledger, other)[n % 2].post(f"case-{n % 5}", contact(n)) for n in range(200)]
    answers = await asyncio.gather(*posts)
    assert {each.status_code for each in answers} == {201}
    documents = [msgspec.json.decode(line) for line in await ledger.lines()]
    assert [each["position"] for each in documents] == list(range(1, 201))
    for case in range(5):
        versions = [each["caseversion"] for each in documents if each["subject"] == f"case-{case}"]
        assert versions == list(range(1, 41))


async def test_one_sees_what_the_other_appended_though_it_kept_the_case(
    ledger: Ledger, other: Ledger
) -> None:
    await ledger.post("case-1", contact(1))
    await other.post("case-1", alert())
    assert (await ledger.post("case-1", alert())).status_code == 422
    answer = {"alert_id": "alert-1", "rung": "TEAM_MANAGER", "responder": "manager:4"}
    responded = contact(type="ResponseReceived", data=answer)
    assert (await ledger.post("case-1", responded)).status_code == 201
    stale = await other.post("case-1", contact(2), **{"If-Match": '"2"'})
    assert (stale.status_code, stale.json()["caseversion"]) == (412, 3)


async def test_of_one_alert_raised_at_both_at_once_one_is_admitted(ledger: Ledger, other: Ledger) -> None:
    for n in range(10):
        raised = (ledger.post(f"case-{n}", alert()), other.post(f"case-{n}", alert()))
        answers = await asyncio.gather(*raised)
        assert sorted(each.status_code for each in answers) == [201, 422]


async def test_one_event_posted_to_both_at_once_is_there_once(ledger: Ledger, other: Ledger) -> None:
    for n in range(10):
        event = contact()
        answers = await asyncio.gather(ledger.post(f"case-{n}", event), other.post(f"case-{n}", event))
        assert sorted(each.status_code for each in answers) == [200, 201]
        assert answers[0].json() == answers[1].json()
    assert len(await ledger.lines()) == 10


async def test_both_say_how_far_the_stream_has_come(ledger: Ledger, other: Ledger) -> None:
    await other.post("case-1", contact(1))
    for each in (ledger, other):

        async def published(each: Ledger = each) -> bool:
            return await each.head() == {"position": 1, "published": 1}

        await until(published)
        assert (await each.ready())["ready"] is True


async def test_closure_days_set_at_one_count_for_the_next_alert_raised_at_the_other(
    ledger: Ledger, other: Ledger
) -> None:
    """Each has kept the office by then; the dates are those of the office at the very commit."""
    today = calendar.london_date(datetime.now(UTC))
    closed: list[date] = []
    for n in range(4):
        at = (ledger, other)[n % 2]
        counted = with_closure_days(england_and_wales(), closed)
        (document,) = await _raised(at, f"case-{n}")
        assert document["data"]["due_on"] == str(calendar.add_working_days(today, 5, counted))
        assert document["data"]["calendar_version"] == counted.version
        closed.append(calendar.add_working_days(today, 1, counted))
        setting = contact(type="ClosureDaysSet", data={"dates": [str(day) for day in closed]})
        answer = await at.http.post("/v1/office/events", json=setting, headers=CLOUDEVENT)
        assert answer.status_code == 201
        # A window that is open keeps the due date that it was given.
        assert await ledger.history(f"case-{n}") == [msgspec.json.encode(document)]


async def _raised(at: Ledger, case_id: str) -> list[dict[str, Any]]:
    assert (await at.post(case_id, alert())).status_code == 201
    return [msgspec.json.decode(line) for line in await at.history(case_id)]
