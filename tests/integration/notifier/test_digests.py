"""On working mornings, whoever holds a team or a rung is told once what is due; whatever happens, once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from services.notifier import work
from services.projector import service as projector_service
from services.projector.settings import Settings as ProjectorSettings
from services.stack.ports import free_port
from tests.integration.notifier.receiver import receiving
from tests.integration.notifier.rehearsal import DORA, OPENING, Rehearsal, appointed, mailbox
from tests.support.casework import HANA, SAM, TOM, Post, event, raised, voided

WEDNESDAY = "2017-10-04T08:00:00Z"  # 09:00 in London


def holds_a_team(holder: str, team: str) -> Post:
    """A Team Manager of one team."""
    post = appointed("TEAM_MANAGER", holder)
    return Post(type=post.type, data={**post.data, "team": team}, attributes={})


def referred(team: str) -> list[Post]:
    """A referral whose assessment is due on Wednesday 11 October, or, by the other rule, on the 18th."""
    return [
        event("ReferralAccepted", referral_id="r", referral_date="2017-08-15"),
        event("CaseAllocated", worker="worker:1", team=team, on="2017-08-15"),
    ]


def digests_to(stage: Rehearsal, holder: str) -> list[EmailMessage]:
    """The digests that somebody was sent."""
    return [mail for mail in stage.inbox.to(mailbox(holder)) if "Deadlines: " in mail["Subject"]]


@asynccontextmanager
async def projector(stage: Rehearsal, port: int = 0) -> AsyncIterator[str]:
    """A projector that serves within, at a clock that stands."""
    settings = ProjectorSettings(
        authentication="off",
        database_url=stage.database.as_role("caseledger_projector"),
        nats_url=stage.bus,
        ledger_url=stage.ledger_url,
        port=port,
        clock=OPENING,
    )
    async with projector_service.serve(settings) as url:
        yield url


@pytest_asyncio.fixture
async def board(stage: Rehearsal) -> AsyncIterator[str]:
    """The URL of a projector: two teams, one with a manager, a service manager, a case of each team."""
    await stage.post("office", holds_a_team(TOM, "A_TEAM"), appointed("SERVICE_MANAGER", SAM))
    await stage.post("case-1", *referred("A_TEAM"))
    await stage.post("case-2", *referred("B_TEAM"))
    async with projector(stage) as url:
        yield url


async def test_a_manager_is_told_of_their_team_and_whoever_is_above_of_all_once_a_morning(
    stage: Rehearsal, board: str
) -> None:
    await stage.post("case-2", raised())  # of an alert its own messages tell
    async with stage.notifier(projector_url=board) as notifier:
        assert (await notifier.get("/v1/clock"))["next_due"] == "2017-10-03T08:00:00Z"
        await stage.advance(notifier, WEDNESDAY)
    (toms,) = digests_to(stage, TOM)
    (sams,) = digests_to(stage, SAM)
    assert toms["Subject"] == "[Rehearsal] Deadlines: 1 due by Wednesday 11 October"
    assert sams["Subject"] == "[Rehearsal] Deadlines: 2 due by Wednesday 11 October"
    plain, html = toms.get_body(("plain",)), toms.get_body(("html",))
    assert plain
    assert html
    for said in (plain.get_content(), html.get_content()):
        assert "case-1" in said
        assert "case-2" not in said
        assert "https://cases.council.example/v1/deadlines?state=OVERDUE" in said
    assert await stage.outcomes("office") == [
        ("2017-10-04", "SENT", "DIGEST", SAM),
        ("2017-10-04", "SENT", "DIGEST", TOM),
    ]


async def test_after_days_away_there_is_one_digest_and_no_other_notifier_sends_it_again(
    stage: Rehearsal, board: str
) -> None:
    async with stage.notifier(projector_url=board) as notifier:
        await stage.advance(notifier, WEDNESDAY)
    await stage.set_ledger("2017-10-16T12:00:00Z")
    stage.inbox.clear()
    async with stage.notifier(projector_url=board) as notifier:
        await stage.settle(notifier)
    (mail,) = stage.inbox.to(mailbox(TOM))
    assert mail["Subject"] == "[Rehearsal] Deadlines: 1 newly overdue, 1 due by Monday 23 October"
    text = mail.get_body(("plain",))
    assert text
    assert "Became overdue since Wednesday 4 October 2017: 1" in text.get_content()
    assert "due Wednesday 11 October 2017, 5 days late" in text.get_content()
    await stage.forget()
    async with stage.notifier(projector_url=board) as notifier:
        await stage.settle(notifier)
        assert [each["state"] for each in await notifier.deliveries()] == ["SENT"] * 4
    assert len(stage.inbox.arrived()) == 2


async def test_nothing_is_sent_on_a_day_on_which_the_office_is_closed_or_nothing_is_due(
    stage: Rehearsal, board: str
) -> None:
    await stage.post("office", event("ClosureDaysSet", dates=["2017-10-05"]))
    await stage.post("case-2", voided((await stage.documents("case-2"))[0]["id"]))
    await stage.post("office", event("RungHolderStoodDown", rung="TEAM_MANAGER", holder=TOM, on="2017-10-02"))
    await stage.post("office", holds_a_team(TOM, "B_TEAM"))
    async with stage.notifier(projector_url=board) as notifier:
        await stage.advance(notifier, "2017-10-06T12:00:00Z")
    # Without the 5th, the assessment is due on the 12th, and that is in reach from the 4th on.
    assert [day for day, *_ in await stage.outcomes("office")] == ["2017-10-04", "2017-10-06"]
    assert stage.inbox.to(mailbox(TOM)) == []


async def test_a_webhook_carries_codes_dates_and_links_and_who_has_no_channel_is_in_the_ledger(
    stage: Rehearsal, board: str
) -> None:
    async with receiving() as receiver:
        hook = [{"kind": "WEBHOOK", "address": receiver.url}]
        await stage.post("office", appointed("HEAD_OF_SERVICE", HANA, channels=hook))
        await stage.post("office", appointed("DIRECTOR_OF_CHILDRENS_SERVICES", DORA, channels=[]))
        async with stage.notifier(projector_url=board) as notifier:
            await stage.advance(notifier, WEDNESDAY)
    ((_, body),) = receiver.posts
    told = msgspec.json.decode(body)
    assert told["type"] == "deadlines.digest"
    assert told["data"]["coming"]["count"] == 2
    assert [each["case_id"] for each in told["data"]["coming"]["items"]] == ["case-1", "case-2"]
    assert ("2017-10-04", "NO_ADDRESS", "DIGEST", DORA) in await stage.outcomes("office")


async def test_digests_wait_for_the_projector_and_the_clock_waits_for_them(
    stage: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "LOOK_UP", 0.1)
    await stage.post("case-1", *referred("A_TEAM"))
    await stage.set_ledger(WEDNESDAY)
    port = free_port()
    async with stage.notifier(projector_url=f"http://127.0.0.1:{port}") as notifier:
        await stage.post("office", appointed("SERVICE_MANAGER", SAM))
        settled = asyncio.create_task(stage.settle(notifier))
        check: dict[str, Any] = {}
        while not check.get("warning"):
            check = await notifier.check("digests")
        assert "wait for the projector" in check["detail"]
        async with projector(stage, port):
            await settled
    (mail,) = stage.inbox.to(mailbox(SAM))
    assert "1 due by" in mail["Subject"]
