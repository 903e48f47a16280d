"""Practice alerts climb the ladder through the whole product, on a test clock, on the days that they should.

One autumn and winter are played once: the story of 2017-18, and beside it, on cases of their own, an alert
that nobody answers, one that is rejected and bypassed, and one raised on Christmas Eve.
"""

import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import httpx
import pytest
import pytest_asyncio

from services.cli import story
from services.runtime.tls import authorities
from tests.support.audit import Audited, audit
from tests.support.load import Writer
from tests.support.product import Product
from tests.support.tokens import BEARER

pytestmark = pytest.mark.asyncio(loop_scope="module")

OPENING = datetime(2017, 10, 2, 7, 30, tzinfo=UTC)
STORY = "practice-alert-2017"
STORY_CASE = "case-2017-0042"
HEAD_OF_SERVICE = "head.of.service@council.example"


class Chapter(NamedTuple):
    """What is posted when; a case's one alert is called as the case is."""

    at: datetime
    case_id: str
    event: dict[str, Any]


def at(moment: str, case_id: str, name: str, **data: Any) -> Chapter:
    instant = datetime.fromisoformat(f"{moment}+00:00")
    return Chapter(instant, case_id, {"type": name, "data": {"alert_id": case_id, **data}})


def raised(moment: str, case_id: str) -> Chapter:
    return at(moment, case_id, "PracticeAlertRaised", issue_code="CARE_PLAN_DRIFT", raised_by="iro:17")


def responded(moment: str, case_id: str, responder: str) -> Chapter:
    return at(moment, case_id, "ResponseReceived", rung="TEAM_MANAGER", responder=responder)


def resolved(moment: str, case_id: str) -> Chapter:
    return at(moment, case_id, "PracticeAlertResolved", resolution="ACTION_TAKEN")


BESIDE_THE_STORY = [
    raised("2017-10-02T10:00:00", "unanswered"),
    resolved("2017-11-10T12:00:00", "unanswered"),
    raised("2017-10-02T10:00:00", "rejected"),
    responded("2017-10-04T15:00:00", "rejected", "tm:protection"),
    at("2017-10-05T12:00:00", "rejected", "ResponseRejected", by="iro:17"),
    at("2017-10-06T12:00:00", "rejected", "EscalatedToDirectorOfChildrensServices", trigger="IRO_BYPASS"),
    resolved("2017-10-09T12:00:00", "rejected"),
    raised("2017-12-24T10:00:00", "christmas-eve"),
    responded("2018-01-03T23:59:59", "christmas-eve", "tm:protection"),
    at("2018-01-04T12:00:00", "christmas-eve", "ResponseAccepted", by="iro:17"),
    resolved("2018-01-04T13:00:00", "christmas-eve"),
]


class Played(NamedTuple):
    """The product at the end of that winter, and its whole ledger."""

    product: Product
    http: httpx.AsyncClient
    audited: Audited

    async def get(self, path: str) -> dict[str, Any]:
        answer = await self.http.get(path)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def steps(self, alert_id: str) -> list[tuple[str, date, date]]:
        """The rungs that the alert came to, and the window at each."""
        alert = await self.get(f"/v1/alerts/{alert_id}")
        days = date.fromisoformat
        return [(step["rung"], days(step["day0"]), days(step["due_on"])) for step in alert["steps"]]

    async def told(self, alert_id: str, kind: str) -> list[tuple[str, str]]:
        """Who was told of it and when, in order."""
        alert = await self.get(f"/v1/alerts/{alert_id}")
        return [
            (told["holder"], told["at"])
            for step in alert["steps"]
            for told in step["told"]
            if told["kind"] == kind and told["sent"]
        ]

    def recorded(self, case_id: str, *types: str) -> list[str]:
        """When a case's events of these types were recorded."""
        return [event.recordedat for event in self.audited.of(case_id, *types)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def played(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Played]:
    async with Product(tmp_path_factory.mktemp("escalation"), clock=OPENING) as product:
        chapters = [Chapter(told_at, each.subject, each.event) for told_at, each in _told()]
        async with Writer(product.ledger) as writer:
            for chapter in sorted(chapters + BESIDE_THE_STORY, key=lambda each: each.at):
                await product.advance(chapter.at)
                await writer.post(chapter.case_id, chapter.event)
            audited = await audit(product, writer.acknowledged)
        async with httpx.AsyncClient(
            headers=BEARER, base_url=product.projector, trust_env=False, verify=authorities(), timeout=30
        ) as http:
            yield Played(product, http, audited)


def _told() -> list[tuple[datetime, story.Chapter]]:
    return list(story.moments(story.read(STORY), OPENING))


async def test_the_story_of_2017_is_answered_by_the_head_of_service(played: Played) -> None:
    assert await played.steps("alert-2017-007") == [
        ("TEAM_MANAGER", date(2017, 10, 2), date(2017, 10, 9)),
        ("SERVICE_MANAGER", date(2017, 10, 9), date(2017, 10, 16)),
        ("HEAD_OF_SERVICE", date(2017, 10, 16), date(2017, 10, 23)),
    ]
    alert = await played.get("/v1/alerts/alert-2017-007")
    assert (alert["state"], alert["cap_on"], alert["repeat_of"]) == ("RESOLVED", "2017-10-30", None)
    assert alert["repeats"] == ["alert-2018-002"]
    assert [step["answered_by"] for step in alert["steps"]] == [None, None, "hos:social-care"]
    assert alert["steps"][2]["decision"] == "ACCEPTED"
    assert await played.told("alert-2017-007", "RUNG_TOLD") == [
        ("tm:protection", "2017-10-02T10:00:00Z"),
        ("sm:safeguarding", "2017-10-09T23:00:00Z"),  # midnight in London, in summer
        ("hos:social-care", "2017-10-16T23:00:00Z"),
    ]


async def test_the_same_issue_within_a_year_is_a_repeat(played: Played) -> None:
    alert = await played.get("/v1/alerts/alert-2018-002")
    assert (alert["state"], alert["repeat_of"]) == ("RESOLVED", "alert-2017-007")
    assert alert["steps"][0]["flags"] == ["repeat"]
    assert await played.steps("alert-2018-002") == [("TEAM_MANAGER", date(2018, 1, 15), date(2018, 1, 22))]


async def test_a_message_s_link_opens_that_page_without_a_login_and_no_other(played: Played) -> None:
    newest = played.product.inbox.messages()[-1].get_content()
    (link,) = re.findall(r"^Open it:\s+(\S+)", newest, re.MULTILINE)
    async with httpx.AsyncClient(trust_env=False, verify=authorities()) as phone:
        opened = await phone.get(link, headers={"Accept": "text/html"})
        other = await phone.get(link.partition("&expires")[0])
    assert (opened.status_code, opened.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert other.status_code == 401


async def test_the_head_of_service_got_one_message_with_a_date_and_a_link(played: Played) -> None:
    told = [
        message
        for message in played.product.inbox.to(HEAD_OF_SERVICE)
        if "alert-2017-007" in message.get_content() and "please answer" in message["Subject"]
    ]
    (message,) = told
    assert message["Subject"] == "[Rehearsal] Practice alert: please answer by Monday 23 October 2017"
    assert (
        f"{played.product.projector}/v1/alerts/alert-2017-007?case_id={STORY_CASE}" in message.get_content()
    )
    assert message["Caseledger-Test-Clock"]


async def test_an_alert_that_nobody_answers_climbs_every_rung_in_the_statutory_twenty_working_days(
    played: Played,
) -> None:
    assert await played.steps("unanswered") == [
        ("TEAM_MANAGER", date(2017, 10, 2), date(2017, 10, 9)),
        ("SERVICE_MANAGER", date(2017, 10, 9), date(2017, 10, 16)),
        ("HEAD_OF_SERVICE", date(2017, 10, 16), date(2017, 10, 23)),
        ("DIRECTOR_OF_CHILDRENS_SERVICES", date(2017, 10, 23), date(2017, 10, 30)),
        ("LSCB_CHAIR", date(2017, 10, 30), date(2017, 11, 6)),
    ]
    alert = await played.get("/v1/alerts/unanswered")
    assert {step["trigger"] for step in alert["steps"]} == {None, "WINDOW_EXPIRED"}
    assert not any(step["flags"] for step in alert["steps"])
    assert played.recorded("unanswered", "StatutoryCapReached") == ["2017-10-31T00:00:00Z"]
    assert played.recorded("unanswered", "LadderExhausted") == ["2017-11-07T00:00:00Z"]
    assert played.recorded("unanswered", "EscalatedToLscbChair") == ["2017-10-31T00:00:00Z"]


async def test_each_rung_is_reminded_on_the_third_working_day_and_on_the_morning_of_the_last(
    played: Played,
) -> None:
    assert await played.told("unanswered", "REMINDER") == [
        ("tm:protection", "2017-10-05T08:00:00Z"),
        ("tm:protection", "2017-10-09T08:00:00Z"),
        ("sm:safeguarding", "2017-10-12T08:00:00Z"),
        ("sm:safeguarding", "2017-10-16T08:00:00Z"),
        ("hos:social-care", "2017-10-19T08:00:00Z"),
        ("hos:social-care", "2017-10-23T08:00:00Z"),
        ("dcs:people", "2017-10-26T08:00:00Z"),
        ("dcs:people", "2017-10-30T09:00:00Z"),  # winter time since the day before
        ("chair:lscb", "2017-11-02T09:00:00Z"),
        ("chair:lscb", "2017-11-06T09:00:00Z"),
    ]


async def test_an_exhausted_ladder_is_said_each_working_day_until_it_is_resolved(played: Played) -> None:
    moments = ["2017-11-07T00:00:00Z", *(f"2017-11-{day:02}T09:00:00Z" for day in (8, 9, 10))]
    told = await played.told("unanswered", "EXHAUSTED")
    assert sorted(told) == sorted(
        (holder, moment) for moment in moments for holder in ("dcs:people", "iro:17")
    )


async def test_a_rejected_answer_climbs_at_once_and_a_bypass_names_whom_it_skips(played: Played) -> None:
    assert await played.steps("rejected") == [
        ("TEAM_MANAGER", date(2017, 10, 2), date(2017, 10, 9)),
        ("SERVICE_MANAGER", date(2017, 10, 5), date(2017, 10, 12)),
        ("DIRECTOR_OF_CHILDRENS_SERVICES", date(2017, 10, 6), date(2017, 10, 13)),
    ]
    alert = await played.get("/v1/alerts/rejected")
    assert [step["trigger"] for step in alert["steps"]] == [None, "RESPONSE_REJECTED", "IRO_BYPASS"]
    assert alert["steps"][2]["skipped_rungs"] == ["HEAD_OF_SERVICE"]
    assert await played.told("rejected", "IRO_TO_DECIDE") == [("iro:17", "2017-10-04T15:00:00Z")]


async def test_an_alert_of_christmas_eve_is_due_on_the_third_of_january_and_may_be_answered_until_midnight(
    played: Played,
) -> None:
    assert await played.steps("christmas-eve") == [("TEAM_MANAGER", date(2017, 12, 24), date(2018, 1, 3))]
    alert = await played.get("/v1/alerts/christmas-eve")
    assert alert["steps"][0]["decision"] == "ACCEPTED"
    (response,) = played.audited.of("christmas-eve", "ResponseReceived")
    assert not response.flags
    assert await played.told("christmas-eve", "REMINDER") == [
        ("tm:protection", "2017-12-29T09:00:00Z"),
        ("tm:protection", "2018-01-03T09:00:00Z"),
    ]


async def test_every_message_was_sent_once(played: Played) -> None:
    assert played.audited.mails
    assert set(played.audited.mails.values()) == {1}


@pytest.mark.parametrize(
    ("case_id", "raised_at", "back_at", "step", "flags"),
    [
        # Due on Monday the 12th; back before the next working day is over: no day is lost.
        ("short-outage", "2018-02-05", "2018-02-13T16:00:00", (date(2018, 2, 12), date(2018, 2, 19)), ""),
        # Due on Monday the 26th; back when two windows would have gone by: one rung, and days of its own.
        (
            "long-outage",
            "2018-02-19",
            "2018-03-14T16:00:00",
            (date(2018, 3, 14), date(2018, 3, 21)),
            "delayed_by_system",
        ),
    ],
)
async def test_after_an_outage_nobody_is_passed_over(
    played: Played, *, case_id: str, raised_at: str, back_at: str, step: tuple[date, date], flags: str
) -> None:
    product = played.product
    chapter = raised(f"{raised_at}T10:00:00", case_id)
    await product.advance(chapter.at)
    async with Writer(product.ledger) as writer:
        await writer.post(case_id, chapter.event)
        await product.settle()
        await product.kill("notifier")
        await product.pass_time(datetime.fromisoformat(f"{back_at}+00:00"))
        await product.start("notifier")
        audited = await audit(product, writer.acknowledged)
        (climb,) = audited.of(case_id, "EscalatedToServiceManager")
        assert climb.flags == flags
        assert (await played.steps(case_id))[1:] == [("SERVICE_MANAGER", *step)]
        assert len(await played.told(case_id, "RUNG_TOLD")) == 2
        await writer.post(case_id, resolved("2018-04-01T00:00:00", case_id).event)
