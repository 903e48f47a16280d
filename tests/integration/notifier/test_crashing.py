"""A notifier that is killed, doubled or made to forget: nobody climbs twice, nothing is said twice."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import httpx
import pytest

from services.notifier import work
from services.runtime.tls import authorities
from services.stack.service import NOTIFIER, Service
from tests.integration.notifier.crossing import Crossing
from tests.integration.notifier.rehearsal import OPENING, Rehearsal, mailbox
from tests.support.casework import CASE, SAM, TOM, raised, resolved
from tests.support.nursery import nursery

When = Literal["before", "after"]


def process(office: Rehearsal, ledger_url: str, log: Path, clock: str = OPENING) -> Service:
    """A notifier as a process of its own."""
    settings = office.settings()
    environment = {
        "CASELEDGER_DATABASE_URL": settings.database_url,
        "CASELEDGER_NATS_URL": settings.nats_url,
        "CASELEDGER_LEDGER_URL": ledger_url,
        "CASELEDGER_AUTHENTICATION": "off",
        "CASELEDGER_SMTP_URL": settings.smtp_url or "",
        "CASELEDGER_MAIL_FROM": settings.mail_from,
        "CASELEDGER_CLOCK": clock,
    }
    return nursery().service(NOTIFIER, environment, host="127.0.0.1", port=0, log=log)


@asynccontextmanager
async def killed(office: Rehearsal, log: Path, when: When, event: str) -> AsyncIterator[str]:
    """The URL of a notifier's process, which is killed before the ledger has the event, or after."""
    async with (
        Crossing(office.ledger_url).open() as crossing,
        process(office, crossing.url, log) as notifier,
    ):
        crossing.strike(when, event.encode(), notifier.kill)
        yield notifier.url
        await crossing.struck.wait()


@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_before_or_after_the_ledger_has_an_escalation_it_climbs_once_and_tells_once(
    office: Rehearsal, tmp_path: Path, when: When
) -> None:
    await office.post(CASE, raised())
    async with killed(office, tmp_path / "log", when, "EscalatedToServiceManager") as url:
        await office.inbox.wait_for(1)
        await office.set_ledger("2017-10-10T00:00:00Z")
        async with httpx.AsyncClient(trust_env=False, verify=authorities(), timeout=60) as http:
            with pytest.raises(httpx.HTTPError):
                await http.put(f"{url}/v1/clock", json={"now": "2017-10-10T00:00:00Z"})
    assert ("EscalatedToServiceManager" in await office.steps()) is (when == "after")
    async with office.notifier() as notifier:
        await office.settle(notifier)
    assert (await office.steps()).count("EscalatedToServiceManager") == 1
    assert [to for _, kind, to in await office.told() if kind == "RUNG_TOLD"] == [TOM, SAM]
    assert len(office.inbox.to(mailbox(SAM))) == 1


@pytest.mark.parametrize(("when", "sent"), [("before", 2), ("after", 1)])
async def test_killed_after_sending_it_sends_again_under_the_same_id_unless_the_ledger_knew(
    office: Rehearsal, tmp_path: Path, when: When, sent: int
) -> None:
    async with killed(office, tmp_path / "log", when, "NotificationSent"):
        await office.post(CASE, raised())
    async with office.notifier() as notifier:
        await office.settle(notifier)
        (delivery,) = await notifier.deliveries()
    assert (delivery["state"], delivery["attempts"]) == ("SENT", 1)
    assert [mail["X-Notification-Id"] for mail in office.inbox.to(mailbox(TOM))] == (
        [delivery["notification_id"]] * sent
    )
    assert await office.told() == [("2017-10-02", "RUNG_TOLD", TOM)]


async def test_a_clean_stop_notes_what_was_sent(office: Rehearsal, tmp_path: Path) -> None:
    async with process(office, office.ledger_url, tmp_path / "log") as stopped:
        await office.post(CASE, raised())
        await office.inbox.wait_for(1)
    assert stopped.child.returncode == 0
    assert await office.told() == [("2017-10-02", "RUNG_TOLD", TOM)]


async def test_of_two_notifiers_one_leads_and_the_other_takes_over(office: Rehearsal) -> None:
    async with office.notifier() as second:
        async with office.notifier() as first:
            roles = {(await each.check("role"))["detail"] for each in (first, second)}
            assert roles == {"leads", "stands by"}
            await office.post(CASE, raised())
            await office.set_ledger("2017-10-10T00:00:00Z")
            moved = {"now": "2017-10-10T00:00:00Z"}
            answers = await asyncio.gather(
                *(each.http.put("/v1/clock", json=moved) for each in (first, second))
            )
            assert {answer.status_code for answer in answers} == {200}
        await office.advance(second, "2017-10-17T12:00:00Z")
    assert await office.steps() == [
        "PracticeAlertRaised",
        "EscalatedToServiceManager",
        "EscalatedToHeadOfService",
    ]
    assert max(Counter(await office.told()).values()) == 1


async def test_two_notifiers_that_both_believe_to_lead_climb_once_and_say_each_thing_under_one_id(
    office: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office.notifier() as first:
        await office.settle(first)
        monkeypatch.setattr(work, "LEADERSHIP", "another notifier's")
        async with office.notifier() as second:
            for nth in range(20):
                await office.post(f"case-{nth}", raised())
            await office.set_ledger("2017-10-10T00:00:00Z")
            moved = {"now": "2017-10-10T00:00:00Z"}
            await asyncio.gather(*(each.http.put("/v1/clock", json=moved) for each in (first, second)))
            await office.settle(second)
    for nth in range(20):
        assert await office.steps(f"case-{nth}") == ["PracticeAlertRaised", "EscalatedToServiceManager"]
        assert max(Counter(await office.told(f"case-{nth}")).values()) == 1


async def test_a_notifier_that_forgot_everything_tells_nobody_again_and_goes_on_where_it_was(
    office: Rehearsal,
) -> None:
    await office.post(CASE, raised())
    await office.post("case-2", raised())
    async with office.notifier() as notifier:
        await office.advance(notifier, "2017-10-11T12:00:00Z")
        await office.post("case-2", resolved())
        await office.settle(notifier)
        windows, deliveries = await notifier.windows(), await notifier.deliveries()
    told = [await office.told(case_id) for case_id in (CASE, "case-2")]
    received = len(office.inbox.arrived())
    await office.forget()
    async with office.notifier() as notifier:
        await office.settle(notifier)
        assert [await office.told(case_id) for case_id in (CASE, "case-2")] == told
        assert len(office.inbox.arrived()) == received
        assert await notifier.windows() == windows
        known = {each["id"]: each["state"] for each in deliveries}
        assert {each["id"]: each["state"] for each in await notifier.deliveries()} == known
        await office.advance(notifier, "2017-10-12T12:00:00Z")
    assert (await office.told())[-1] == ("2017-10-12", "REMINDER", SAM)


async def test_a_notifier_that_forgot_everything_does_not_try_dead_messages_again(office: Rehearsal) -> None:
    async with office.notifier(smtp_url="smtp://127.0.0.1:1") as notifier:
        await office.post(CASE, raised())
        await office.advance(notifier, "2017-10-04T08:00:00Z")
    before = await office.outcomes()
    await office.forget()
    async with office.notifier() as notifier:
        await office.settle(notifier)
        (dead,) = await notifier.deliveries()
        assert (dead["state"], dead["attempts"]) == ("DEAD", 8)
    assert await office.outcomes() == before
