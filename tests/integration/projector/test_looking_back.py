"""Answers for a day of the past: what was answered then, and how it was as is known now."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

import httpx

from services.cli import story
from services.runtime.clock import text
from services.runtime.tls import authorities
from tests.integration.projector.ground import OPENING, Asked, Ground
from tests.support.casework import ALERT, Post, contact, event, instant, plan, raised, voided

QUESTIONS: Final = (
    "/v1/cases/{case_id}",
    "/v1/cases/{case_id}/timeline",
    "/v1/cases/{case_id}/deadlines",
    "/v1/cases/{case_id}/chronology",
    "/v1/cases/{case_id}/chronology/curated",
    "/v1/alerts",
    "/v1/plans",
    "/v1/enquiries",
)
CASE: Final = "case-2017-0042"
FIRST, SECOND = "alert-2017-007", "alert-2018-002"


def told() -> Iterator[tuple[datetime, Post]]:
    """The story of 2017 with what the notifier would add, and a voiding at the end of it."""
    nth = 0
    for chapter in story.read("practice-alert-2017"):
        if chapter.subject != "office":
            nth += 1
            at = max(instant(OPENING), chapter.time) + timedelta(seconds=nth)
            post = {key: chapter.event[key] for key in ("id", "source", "time")}
            yield at, Post(type=chapter.type, data=chapter.event["data"], attributes=post)
    for to, day in (("ServiceManager", "2017-10-09T23:00:00Z"), ("HeadOfService", "2017-10-16T23:00:00Z")):
        yield instant(day), event(f"EscalatedTo{to}", alert_id=FIRST, trigger="WINDOW_EXPIRED")
    yield instant("2017-10-12"), event("ClosureDaysSet", dates=["2017-06-20"])  # the office's own
    yield instant("2018-02-01"), voided("story-2017-16")


async def ask(projector: Asked, case_id: str, **query: Any) -> list[Any]:
    """Everything that can be asked of a case."""
    answers = [
        await projector.answer(
            path.format(case_id=case_id), **(query if "{" in path else query | {"case_id": case_id})
        )
        for path in QUESTIONS
    ]
    return [answer.json().get("items", answer.json()) for answer in answers]


async def go_to(stage: Ground, projector: Asked, moment: datetime) -> None:
    """Move the clock of both services."""
    async with httpx.AsyncClient(trust_env=False, verify=authorities()) as http:
        for url in (stage.ledger_url, str(projector.http.base_url)):
            (await http.put(f"{url}/v1/clock", json={"now": text(moment)})).raise_for_status()


async def test_what_is_answered_of_any_instant_is_what_was_answered_then(
    stage: Ground, projector: Asked
) -> None:
    answered = {}
    for moment, post in sorted(told(), key=lambda each: each[0]):
        await go_to(stage, projector, moment)
        position = await stage.post("office" if post.type == "ClosureDaysSet" else CASE, post)
        answered[text(moment)] = await ask(projector, CASE, wait_for=position)

    assert {moment: await ask(projector, CASE, recorded_until=moment) for moment in answered} == answered

    now = await projector.items("/v1/alerts", case_id=CASE)
    assert [alert["alert_id"] for alert in now] == [FIRST]
    then = await projector.get(f"/v1/alerts/{SECOND}", case_id=CASE, recorded_until="2018-01-16T12:00:00Z")
    assert (then["state"], then["repeat_of"], then["days_left"]) == ("AT_TEAM_MANAGER", FIRST, 4)


async def test_what_is_known_now_of_a_day_has_what_was_typed_late_and_not_what_was_found_to_be_wrong(
    stage: Ground, projector: Asked
) -> None:
    """A plan of 20 September is typed on 2 October, and an alert of that day voided on the 5th."""
    await stage.post("case-1", contact().saying(time="2017-09-01T12:00:00Z"))
    await stage.post("case-1", plan("CP", made_on="2017-09-20"), raised().saying(id="wrong"))
    await go_to(stage, projector, instant("2017-10-05"))
    await projector.until(await stage.post("case-1", voided("wrong")))

    async def status(**query: str) -> str:
        return str((await projector.get("/v1/cases/case-1", **query))["status"])

    assert await status(occurred_until="2017-09-19T12:00:00Z") == "CONTACT_ONLY"
    assert await status(occurred_until="2017-09-20T12:00:00Z") == "CP_PLAN"

    alert = f"/v1/alerts/{ALERT}"
    then = {"recorded_until": "2017-10-04T12:00:00Z"}
    assert (await projector.get(alert, case_id="case-1", **then))["days_left"] == 3
    shown = await projector.http.get(
        alert, params={"case_id": "case-1", **then}, headers={"Accept": "text/html"}
    )
    assert "Looking back: as it was known on Wed 4 Oct 2017, 13:00." in shown.text

    for path, query, detail in (
        (alert, {"case_id": "case-1", "occurred_until": "2017-10-04T12:00:00Z"}, "recorded in error"),
        (
            alert,
            {"case_id": "case-1", "recorded_until": "2017-10-02T08:00:00Z"},
            "was known at 2017-10-02T08",
        ),
        (alert, then, "name its case: `?case_id=`"),
        ("/v1/cases/case-1", {"occurred_until": "2017-08-31T12:00:00Z"}, "began at 2017-09-01T12:00:00Z"),
        ("/v1/cases/case-1/deadlines", {"recorded_until": "2017-10-02T08:00:00Z"}, "2017-10-02T09"),
        (
            "/v1/cases/case-1/timeline",
            {"recorded_until": "2017-10-02T08:00:00Z"},
            "was recorded at 2017-10-02T09",
        ),
    ):
        answer = await projector.answer(path, **query)
        assert (answer.status_code, detail in answer.json()["detail"]) == (404, True), answer.text

    for path, query in (
        ("/v1/alerts", then),
        ("/v1/cases/case-1", {"recorded_until": "0.5"}),
        ("/v1/alerts", {"case_id": "case-1", "recorded_until": "0001-01-01T00:00:00Z"}),
    ):
        answer = await projector.answer(path, **query)
        assert answer.json()["type"] == "urn:caseledger:problem:invalid-request", answer.text
