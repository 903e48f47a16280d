"""Appending to a case: every row of the design's table of situations, over HTTP."""

import asyncio
from typing import Any

import msgspec
import pytest

from tests.integration.ledger.ledgers import CLOUDEVENT, Ledger, alert, contact

PLAIN = {"Content-Type": "application/json"}


def problem(answer: Any, status: int, slug: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert found["type"] == f"urn:caseledger:problem:{slug}"
    assert found["status"] == status
    return found


async def test_an_appended_event_is_answered_with_201_its_receipt_and_the_case_version(
    ledger: Ledger,
) -> None:
    event = contact()
    answer = await ledger.post("case-1", event)
    assert answer.status_code == 201
    (receipt,) = answer.json()["receipts"]
    assert receipt == {
        "id": event["id"],
        "position": 1,
        "caseversion": 1,
        "recordedat": receipt["recordedat"],
        "flags": "",
    }
    assert answer.headers["etag"] == '"1"'
    (stored,) = await ledger.lines()
    assert stored.startswith(b'{"position":1,"specversion":"1.0",')
    assert msgspec.json.decode(stored)["recordedat"] == receipt["recordedat"]


async def test_several_events_of_a_case_are_appended_together_in_order(ledger: Ledger) -> None:
    answer = await ledger.post("case-1", contact(1), contact(2), contact(3))
    assert answer.status_code == 201
    receipts = answer.json()["receipts"]
    assert [(each["position"], each["caseversion"]) for each in receipts] == [(1, 1), (2, 2), (3, 3)]
    assert answer.headers["etag"] == '"3"'


async def test_of_several_events_none_is_appended_if_one_cannot_be_true(ledger: Ledger) -> None:
    answer = await ledger.post("case-1", contact(), alert(), alert())
    assert problem(answer, 422, "refused")["pointer"].startswith("/2/")
    assert await ledger.lines() == []


async def test_the_same_event_again_gets_the_original_receipt_and_changes_nothing(ledger: Ledger) -> None:
    event = alert()
    first = await ledger.post("case-1", event)
    await ledger.post("case-1", contact())
    again = await ledger.post("case-1", event)
    assert again.status_code == 200
    assert again.json() == first.json()
    assert again.headers["etag"] == '"1"'
    assert len(await ledger.lines()) == 2


async def test_the_same_event_again_gets_its_receipt_whatever_its_condition_says_by_now(
    ledger: Ledger,
) -> None:
    event = contact()
    first = await ledger.post("case-1", event, **{"If-None-Match": "*"})
    again = await ledger.post("case-1", event, **{"If-None-Match": "*"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()


async def test_the_same_event_twice_at_once_is_appended_once(ledger: Ledger) -> None:
    event = alert()
    answers = await asyncio.gather(*(ledger.post("case-1", event) for _ in range(20)))
    assert sorted(each.status_code for each in answers) == [200] * 19 + [201]
    assert len({each.text for each in answers}) == 1
    assert len(await ledger.lines()) == 1


async def test_an_id_used_again_for_other_content_is_a_conflict(ledger: Ledger) -> None:
    event = contact(1)
    await ledger.post("case-1", event)
    found = problem(await ledger.post("case-1", {**event, "data": {"contact_id": "other"}}), 409, "id-reused")
    assert found["ids"] == [event["id"]]


async def test_an_id_used_again_in_another_case_is_a_conflict(ledger: Ledger) -> None:
    event = contact()
    await ledger.post("case-1", event)
    problem(await ledger.post("case-2", event), 409, "id-reused")


async def test_an_id_used_by_another_source_is_another_event(ledger: Ledger) -> None:
    event = contact()
    await ledger.post("case-1", event)
    assert (await ledger.post("case-1", {**event, "source": "/other"})).status_code == 201


async def test_a_request_of_which_a_part_is_known_is_a_conflict_that_names_that_part(ledger: Ledger) -> None:
    known, new = contact(1), contact(2)
    await ledger.post("case-1", known)
    found = problem(await ledger.post("case-1", known, new), 409, "id-reused")
    assert found["ids"] == [known["id"]]
    assert len(await ledger.lines()) == 1


async def test_an_id_twice_in_one_request_is_a_conflict(ledger: Ledger) -> None:
    event = contact()
    problem(await ledger.post("case-1", event, event), 409, "id-reused")
    assert await ledger.lines() == []


async def test_if_match_appends_only_at_that_version(ledger: Ledger) -> None:
    await ledger.post("case-1", contact(1))
    assert (await ledger.post("case-1", contact(2), **{"If-Match": '"1"'})).status_code == 201
    stale = await ledger.post("case-1", contact(3), **{"If-Match": '"1"'})
    assert problem(stale, 412, "case-moved-on")["caseversion"] == 2
    assert stale.headers["etag"] == '"2"'
    assert (await ledger.post("case-1", contact(3), **{"If-Match": '"1", "2"'})).status_code == 201
    weak = await ledger.post("case-1", contact(4), **{"If-Match": 'W/"3"'})
    problem(weak, 412, "case-moved-on")


async def test_of_many_who_append_at_one_version_one_succeeds(ledger: Ledger) -> None:
    await ledger.post("case-1", contact(0))
    posts = (ledger.post("case-1", contact(n), **{"If-Match": '"1"'}) for n in range(20))
    answers = await asyncio.gather(*posts)
    assert sorted(each.status_code for each in answers) == [201] + [412] * 19


async def test_if_match_of_anything_asks_that_the_case_exists(ledger: Ledger) -> None:
    absent = await ledger.post("case-1", contact(), **{"If-Match": "*"})
    assert problem(absent, 412, "case-moved-on")["caseversion"] == 0
    await ledger.post("case-1", contact())
    assert (await ledger.post("case-1", contact(), **{"If-Match": "*"})).status_code == 201


async def test_if_none_match_asks_that_the_case_does_not_exist(ledger: Ledger) -> None:
    assert (await ledger.post("case-1", contact(), **{"If-None-Match": "*"})).status_code == 201
    found = problem(await ledger.post("case-1", contact(), **{"If-None-Match": "*"}), 412, "case-moved-on")
    assert found["caseversion"] == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"If-Match": "7"},
        {"If-Match": ""},
        {"If-None-Match": '"7"'},
        {"If-None-Match": "*", "If-Match": '"1"'},
    ],
)
async def test_a_condition_that_cannot_be_read_is_a_fault(ledger: Ledger, headers: dict[str, str]) -> None:
    found = problem(await ledger.post("case-1", contact(), **headers), 400, "invalid-request")
    assert found["faults"][0]["parameter"] in headers


async def test_what_cannot_be_true_is_refused_with_the_rule_and_the_field(ledger: Ledger) -> None:
    found = problem(await ledger.post("case-1", contact(time="2999-01-01T00:00:00Z")), 422, "refused")
    assert found["rule"] == "time_in_the_future"
    assert found["pointer"] == "/time"
    assert found["detail"]


async def test_a_refusal_is_followed_by_what_is_true(ledger: Ledger) -> None:
    await ledger.post("case-1", alert())
    problem(await ledger.post("case-1", alert()), 422, "refused")
    assert (await ledger.post("case-1", contact())).json()["receipts"][0]["caseversion"] == 2


async def test_an_unknown_type_is_told_as_such(ledger: Ledger) -> None:
    problem(await ledger.post("case-1", contact(type="ContactRecieved")), 400, "unknown-event-type")


async def test_every_fault_of_an_event_is_found(ledger: Ledger) -> None:
    event = contact(data={"contact_id": "", "colour": "red"}, time="yesterday", mood="bad")
    found = problem(await ledger.post("case-1", event), 400, "invalid-event")
    pointers = {fault["pointer"] for fault in found["faults"]}
    assert pointers == {"/data/contact_id", "/data/colour", "/time", "/mood"}


async def test_every_fault_of_every_event_of_a_batch_is_found(ledger: Ledger) -> None:
    answer = await ledger.post("case-1", contact(mood="bad"), contact(), contact(type="Nothing"))
    found = problem(answer, 400, "invalid-event")
    assert {fault["pointer"] for fault in found["faults"]} == {"/0/mood", "/2/type"}


@pytest.mark.parametrize("missing", ["id", "source", "specversion"])
async def test_a_cloudevent_has_what_cloudevents_requires(ledger: Ledger, missing: str) -> None:
    event = contact()
    del event[missing]
    found = problem(await ledger.post("case-1", event), 400, "invalid-event")
    assert [fault["pointer"] for fault in found["faults"]] == [f"/{missing}"]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"type":"\\ud800"}', b'{"data":' * 20_000])
async def test_a_body_that_is_not_json_is_malformed(ledger: Ledger, body: bytes) -> None:
    answer = await ledger.http.post("/v1/cases/case-1/events", content=body, headers=CLOUDEVENT)
    problem(answer, 400, "malformed-json")


async def test_an_empty_batch_is_not_an_event(ledger: Ledger) -> None:
    headers = {"Content-Type": "application/cloudevents-batch+json"}
    answer = await ledger.http.post("/v1/cases/case-1/events", content=b"[]", headers=headers)
    problem(answer, 400, "invalid-event")


async def test_a_nul_in_an_id_is_a_fault_and_no_failure(ledger: Ledger) -> None:
    problem(await ledger.post("case-1", contact(id="a\0b")), 400, "invalid-event")


async def test_a_time_before_all_calendars_is_a_fault_and_no_failure(ledger: Ledger) -> None:
    answer = await ledger.post("case-1", contact(time="0001-01-01T00:00:00+14:00"))
    assert answer.status_code in {400, 422}


async def test_another_content_type_is_not_taken(ledger: Ledger) -> None:
    for headers in ({"Content-Type": "text/plain"}, {}):
        answer = await ledger.http.post("/v1/cases/case-1/events", content=b"{}", headers=headers)
        problem(answer, 415, "unsupported-media-type")


async def test_a_body_over_the_limit_is_too_large(ledger: Ledger) -> None:
    body = b" " * 10_000_001
    answer = await ledger.http.post("/v1/cases/case-1/events", content=body, headers=CLOUDEVENT)
    problem(answer, 413, "body-too-large")


async def test_an_event_that_no_message_could_carry_is_too_large(ledger: Ledger) -> None:
    answer = await ledger.post("case-1", contact(actor="x" * 300_000))
    problem(answer, 413, "body-too-large")


@pytest.mark.parametrize("case_id", ["a b", "office", "x" * 65, "caf%C3%A9", "a.b"])
async def test_a_case_has_a_plain_id(ledger: Ledger, case_id: str) -> None:
    problem(await ledger.post(case_id, contact()), 400, "invalid-request")


async def test_plain_json_may_leave_out_what_a_cloudevent_needs(ledger: Ledger) -> None:
    body = {"type": "ContactReceived", "data": {"contact_id": "c-1"}}
    answer = await ledger.http.post("/v1/cases/case-1/events", json=body)
    assert answer.status_code == 201
    document = msgspec.json.decode((await ledger.lines())[0])
    assert document["source"] == "/api"
    assert document["time"] == document["recordedat"]
    assert document["id"] == answer.json()["receipts"][0]["id"]


async def test_an_idempotency_key_names_a_post_that_has_no_id(ledger: Ledger) -> None:
    body = {"type": "ContactReceived", "data": {"contact_id": "c-1"}}
    key = {"Idempotency-Key": "order-66"}
    first = await ledger.http.post("/v1/cases/case-1/events", json=body, headers=key)
    again = await ledger.http.post("/v1/cases/case-1/events", json=body, headers=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    body["data"] = {"contact_id": "c-2"}
    problem(await ledger.http.post("/v1/cases/case-1/events", json=body, headers=key), 409, "id-reused")
    assert (await ledger.http.post("/v1/cases/case-2/events", json=body, headers=key)).status_code == 201


async def test_an_idempotency_key_that_cannot_be_used_is_a_fault(ledger: Ledger) -> None:
    body = {"type": "ContactReceived", "data": {"contact_id": "c-1"}}
    answer = await ledger.http.post("/v1/cases/c/events", json=body, headers={"Idempotency-Key": "a b"})
    problem(answer, 400, "invalid-request")


async def test_the_office_has_a_stream_of_its_own(ledger: Ledger) -> None:
    holder = contact(type="RungHolderAppointed", data={"rung": "TEAM_MANAGER", "holder": "manager:4"})
    body = msgspec.json.encode(holder)
    answer = await ledger.http.post("/v1/office/events", content=body, headers=CLOUDEVENT)
    assert answer.status_code == 201
    (line,) = await ledger.lines("/v1/office/events")
    assert msgspec.json.decode(line)["subject"] == "office"
    problem(await ledger.post("case-1", {**holder, "id": "other"}), 422, "refused")
    misplaced = msgspec.json.encode(contact())
    answer = await ledger.http.post("/v1/office/events", content=misplaced, headers=CLOUDEVENT)
    problem(answer, 422, "refused")
