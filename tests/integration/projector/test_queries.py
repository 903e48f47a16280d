"""What managers and systems ask of the read models, over HTTP."""

import pytest

from tests.integration.projector.ground import Asked, Ground
from tests.support.casework import ALERT, bypassed, contact, raised, responded, strategy, told, voided

TEAM_MANAGER = {"rung": "TEAM_MANAGER", "channel": "EMAIL"}


async def test_a_case_shows_where_it_stands_and_how_much_is_known(stage: Ground, projector: Asked) -> None:
    position = await stage.post("case-1", contact(), strategy("S47_JOINT"), raised())

    case = await projector.get("/v1/cases/case-1", wait_for=position)

    assert case["status"] == "S47_ENQUIRY"
    assert (case["version"], case["events"], case["open_alerts"]) == (3, 3, 1)
    assert case["parked"] is False


async def test_an_alert_shows_every_step_and_who_was_told(stage: Ground, projector: Asked) -> None:
    position = await stage.post(
        "case-1", raised(), told(holder="manager:4", **TEAM_MANAGER), bypassed("HEAD_OF_SERVICE")
    )

    alert = await projector.get(f"/v1/alerts/{ALERT}", wait_for=position)

    assert (alert["case_id"], alert["state"], alert["rung"]) == (
        "case-1",
        "AT_HEAD_OF_SERVICE",
        "HEAD_OF_SERVICE",
    )
    assert (alert["day0"], alert["due_on"], alert["cap_on"]) == ("2017-10-02", "2017-10-09", "2017-10-30")
    assert alert["days_left"] == 5
    assert alert["repeat_of"] is None
    first, second = alert["steps"]
    assert [(each["holder"], each["sent"]) for each in first["told"]] == [("manager:4", True)]
    assert (second["trigger"], second["skipped_rungs"]) == ("IRO_BYPASS", ["SERVICE_MANAGER"])


async def test_a_browser_gets_an_alert_as_a_page_that_needs_nothing_else(
    stage: Ground, projector: Asked
) -> None:
    position = await stage.post("case-1", raised(issue="<b>Ann</b>"), told(holder="m<4>", **TEAM_MANAGER))
    await projector.until(position)

    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    shown = await projector.http.get(f"/v1/alerts/{ALERT}", headers=browser)
    programs = await projector.http.get(f"/v1/alerts/{ALERT}", headers={"Accept": "*/*"})
    due = [await projector.http.get(f"/v1/{of}deadlines", headers=browser) for of in ("", "cases/case-1/")]

    assert shown.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    assert "Answer by Monday 9 October 2017: 5 working days left" in shown.text
    assert "m&lt;4&gt; was told" in shown.text
    assert "Ann" not in shown.text
    assert programs.json()["alert_id"] == ALERT
    for page in due:
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert "Due Monday 9 October 2017: " in page.text


async def test_a_voided_event_stays_in_the_timeline_and_counts_for_nothing(
    stage: Ground, projector: Asked
) -> None:
    await stage.post("case-1", contact(), strategy().saying(id="wrong"))
    position = await stage.post("case-1", voided("wrong"))

    timeline = await projector.get("/v1/cases/case-1/timeline", wait_for=position)
    case = await projector.get("/v1/cases/case-1")

    assert [item["voided"] for item in timeline["items"]] == [False, True, False]
    assert case["status"] == "CONTACT_ONLY"
    assert case["voided_events"] == 1


async def test_pages_follow_each_other_without_a_gap_or_a_repeat(stage: Ground, projector: Asked) -> None:
    names = [f"case-{n}" for n in range(7)]
    for name in names:
        await projector.until(await stage.post(name, contact(), raised(alert_id=f"{name}.alert")))

    cases = await projector.items("/v1/cases", limit=3)
    alerts = await projector.items("/v1/alerts", limit=2)
    timeline = await projector.items("/v1/cases/case-3/timeline", limit=1)

    assert [case["case_id"] for case in cases] == names
    assert [alert["case_id"] for alert in alerts] == names
    assert [item["type"] for item in timeline] == ["ContactReceived", "PracticeAlertRaised"]


async def test_a_page_that_is_exactly_full_has_no_next(stage: Ground, projector: Asked) -> None:
    await projector.until(await stage.post("case-1", contact()))

    assert (await projector.get("/v1/cases", limit=1))["next"] is None


async def test_lists_are_narrowed_by_each_of_their_filters(stage: Ground, projector: Asked) -> None:
    await stage.post("case-1", contact())
    await stage.post("case-2", raised(), told("m-1", holder="manager:4", **TEAM_MANAGER), responded())
    position = await stage.post("case-3", raised(alert_id="other"))
    await projector.until(position)

    async def cases_of(path: str, **query: str) -> list[str]:
        return [item["case_id"] for item in await projector.items(path, **query)]

    assert await cases_of("/v1/cases", status="CONTACT_ONLY") == ["case-1"]
    assert await cases_of("/v1/alerts", open="true", due_before="2017-10-10") == ["case-2", "case-3"]
    assert await cases_of("/v1/alerts", due_before="2017-10-09") == []
    assert await cases_of("/v1/alerts", open="false") == []
    assert await cases_of("/v1/alerts", rung="TEAM_MANAGER", case_id="case-3") == ["case-3"]
    assert await cases_of("/v1/notifications", holder="manager:4") == ["case-2"]
    assert await cases_of("/v1/notifications", state="FAILED") == []


@pytest.mark.parametrize(
    "path", ["/v1/cases/nobody", "/v1/cases/nobody/timeline", "/v1/alerts/none", "/v1/cases/office"]
)
async def test_what_is_not_there_is_a_404(projector: Asked, path: str) -> None:
    answer = await projector.answer(path)

    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:caseledger:problem:not-found"


async def test_an_alert_id_that_two_cases_use_asks_for_the_case(stage: Ground, projector: Asked) -> None:
    await stage.post("case-1", raised())
    await projector.until(await stage.post("case-2", raised()))

    answer = await projector.answer(f"/v1/alerts/{ALERT}")
    chosen = await projector.get(f"/v1/alerts/{ALERT}", case_id="case-2")

    assert answer.status_code == 409
    assert answer.json()["cases"] == ["case-1", "case-2"]
    assert chosen["case_id"] == "case-2"


async def test_the_office_is_no_case(stage: Ground, projector: Asked) -> None:
    receipt = await stage.ledger.append(
        "office", {"type": "RungHolderAppointed", "data": {"rung": "TEAM_MANAGER", "holder": "manager:4"}}
    )
    await projector.until(receipt.position)

    assert await projector.items("/v1/cases") == []
    assert (await stage.rows())["case_status"] == []


@pytest.mark.parametrize("cursor", ["!", "bm90IGpzb24", "InN0cmluZyI", "MS41", "4pyT"])
async def test_a_cursor_that_no_list_gave_is_a_fault_of_the_request(projector: Asked, cursor: str) -> None:
    answer = await projector.answer("/v1/alerts", cursor=cursor)

    assert answer.status_code == 400
    assert answer.json()["faults"][0]["parameter"] == "cursor"


async def test_every_answer_says_up_to_which_position_it_goes(stage: Ground, projector: Asked) -> None:
    position = await stage.post("case-1", contact())

    answer = await projector.answer("/v1/cases", wait_for=position)

    assert int(answer.headers["Caseledger-Position"]) >= position
