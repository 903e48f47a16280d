"""Appending to a case: every row of the design's table of situations, over HTTP."""

import asyncio
from base64 import b64decode
from hashlib import sha256
from typing import Any

import msgspec
import pytest

from tests.integration.ledger.ledgers import CLOUDEVENT, Ledger, alert, contact

pytestmark = pytest.mark.asyncio(loop_scope="module")


def problem(answer: Any, status: int, slug: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert found["type"] == f"urn:caseledger:problem:{slug}"
    assert found["status"] == status
    return found


async def test_an_appended_event_is_answered_with_201_its_receipt_and_the_case_version(
    shared: Ledger,
    case: str,
) -> None:
    event = contact()
    answer = await shared.post(case, event)
    assert answer.status_code == 201
    (receipt,) = answer.json()["receipts"]
    assert receipt == {
        "id": event["id"],
        "position": receipt["position"],
        "caseversion": 1,
        "recordedat": receipt["recordedat"],
        "flags": "",
        "leaf": receipt["leaf"],
    }
    assert answer.headers["etag"] == '"1"'
    (stored,) = await shared.history(case)
    assert stored.startswith(b'{"position":%d,"specversion":"1.0",' % receipt["position"])
    assert msgspec.json.decode(stored)["recordedat"] == receipt["recordedat"]
    assert b64decode(receipt["leaf"]) == sha256(b"\x00" + stored).digest()


async def test_several_events_of_a_case_are_appended_together_in_order(shared: Ledger, case: str) -> None:
    answer = await shared.post(case, contact(1), contact(2), contact(3))
    assert answer.status_code == 201
    receipts = answer.json()["receipts"]
    assert [each["caseversion"] for each in receipts] == [1, 2, 3]
    first = receipts[0]["position"]
    assert [each["position"] for each in receipts] == [first, first + 1, first + 2]
    assert answer.headers["etag"] == '"3"'


async def test_of_several_events_none_is_appended_if_one_cannot_be_true(shared: Ledger, case: str) -> None:
    answer = await shared.post(case, contact(), alert(), alert())
    assert problem(answer, 422, "refused")["pointer"].startswith("/2/")
    assert await shared.history(case) == []


async def test_the_same_event_again_gets_the_original_receipt_and_changes_nothing(
    shared: Ledger, case: str
) -> None:
    event = alert()
    first = await shared.post(case, event)
    await shared.post(case, contact())
    again = await shared.post(case, event)
    assert again.status_code == 200
    assert again.json() == first.json()
    assert again.headers["etag"] == '"1"'
    assert len(await shared.history(case)) == 2


async def test_the_same_event_again_gets_its_receipt_whatever_its_condition_says_by_now(
    shared: Ledger,
    case: str,
) -> None:
    event = contact()
    first = await shared.post(case, event, **{"If-None-Match": "*"})
    again = await shared.post(case, event, **{"If-None-Match": "*"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()


async def test_the_same_event_twice_at_once_is_appended_once(shared: Ledger, case: str) -> None:
    event = alert()
    answers = await asyncio.gather(*(shared.post(case, event) for _ in range(20)))
    assert sorted(each.status_code for each in answers) == [200] * 19 + [201]
    assert len({each.text for each in answers}) == 1
    assert len(await shared.history(case)) == 1


async def test_an_id_used_again_for_other_content_is_a_conflict(shared: Ledger, case: str) -> None:
    event = contact(1)
    await shared.post(case, event)
    found = problem(await shared.post(case, {**event, "data": {"contact_id": "other"}}), 409, "id-reused")
    assert found["ids"] == [event["id"]]


async def test_an_id_used_again_in_another_case_is_a_conflict(shared: Ledger, case: str) -> None:
    event = contact()
    await shared.post(case, event)
    problem(await shared.post(f"{case}-b", event), 409, "id-reused")


async def test_an_id_used_by_another_source_is_another_event(shared: Ledger, case: str) -> None:
    event = contact()
    await shared.post(case, event)
    assert (await shared.post(case, {**event, "source": "/other"})).status_code == 201


async def test_a_request_of_which_a_part_is_known_is_a_conflict_that_names_that_part(
    shared: Ledger, case: str
) -> None:
    known, new = contact(1), contact(2)
    await shared.post(case, known)
    found = problem(await shared.post(case, known, new), 409, "id-reused")
    assert found["ids"] == [known["id"]]
    assert len(await shared.history(case)) == 1


async def test_an_id_twice_in_one_request_is_a_conflict(shared: Ledger, case: str) -> None:
    event = contact()
    problem(await shared.post(case, event, event), 409, "id-reused")
    assert await shared.history(case) == []


async def test_if_match_appends_only_at_that_version(shared: Ledger, case: str) -> None:
    await shared.post(case, contact(1))
    assert (await shared.post(case, contact(2), **{"If-Match": '"1"'})).status_code == 201
    stale = await shared.post(case, contact(3), **{"If-Match": '"1"'})
    assert problem(stale, 412, "case-moved-on")["caseversion"] == 2
    assert stale.headers["etag"] == '"2"'
    assert (await shared.post(case, contact(3), **{"If-Match": '"1", "2"'})).status_code == 201
    weak = await shared.post(case, contact(4), **{"If-Match": 'W/"3"'})
    problem(weak, 412, "case-moved-on")


async def test_of_many_who_append_at_one_version_one_succeeds(shared: Ledger, case: str) -> None:
    await shared.post(case, contact(0))
    posts = (shared.post(case, contact(n), **{"If-Match": '"1"'}) for n in range(20))
    answers = await asyncio.gather(*posts)
    assert sorted(each.status_code for each in answers) == [201] + [412] * 19


async def test_if_match_of_anything_asks_that_the_case_exists(shared: Ledger, case: str) -> None:
    absent = await shared.post(case, contact(), **{"If-Match": "*"})
    assert problem(absent, 412, "case-moved-on")["caseversion"] == 0
    await shared.post(case, contact())
    assert (await shared.post(case, contact(), **{"If-Match": "*"})).status_code == 201


async def test_if_none_match_asks_that_the_case_does_not_exist(shared: Ledger, case: str) -> None:
    assert (await shared.post(case, contact(), **{"If-None-Match": "*"})).status_code == 201
    found = problem(await shared.post(case, contact(), **{"If-None-Match": "*"}), 412, "case-moved-on")
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
async def test_a_condition_that_cannot_be_read_is_a_fault(
    shared: Ledger, case: str, headers: dict[str, str]
) -> None:
    found = problem(await shared.post(case, contact(), **headers), 400, "invalid-request")
    assert found["faults"][0]["parameter"] in headers


async def test_what_cannot_be_true_is_refused_with_the_rule_and_the_field(shared: Ledger, case: str) -> None:
    found = problem(await shared.post(case, contact(time="2999-01-01T00:00:00Z")), 422, "refused")
    assert found["rule"] == "time_in_the_future"
    assert found["pointer"] == "/time"
    assert found["detail"]


async def test_a_refusal_is_followed_by_what_is_true(shared: Ledger, case: str) -> None:
    await shared.post(case, alert())
    problem(await shared.post(case, alert()), 422, "refused")
    assert (await shared.post(case, contact())).json()["receipts"][0]["caseversion"] == 2


async def test_an_unknown_type_is_told_as_such_and_the_nearest_named(shared: Ledger, case: str) -> None:
    found = problem(await shared.post(case, contact(type="ContactRecieved")), 400, "unknown-event-type")
    assert "did you mean `ContactReceived`?" in found["faults"][0]["message"]


async def test_every_fault_of_an_event_is_found(shared: Ledger, case: str) -> None:
    event = contact(data={"contact_id": "", "colour": "red"}, time="yesterday", mood="bad")
    found = problem(await shared.post(case, event), 400, "invalid-event")
    pointers = {fault["pointer"] for fault in found["faults"]}
    assert pointers == {"/data/contact_id", "/data/colour", "/time", "/mood"}


async def test_every_fault_of_every_event_of_a_batch_is_found(shared: Ledger, case: str) -> None:
    answer = await shared.post(case, contact(mood="bad"), contact(), contact(type="Nothing"))
    found = problem(answer, 400, "invalid-event")
    assert {fault["pointer"] for fault in found["faults"]} == {"/0/mood", "/2/type"}


@pytest.mark.parametrize("missing", ["id", "source", "specversion"])
async def test_a_cloudevent_has_what_cloudevents_requires(shared: Ledger, case: str, missing: str) -> None:
    event = contact()
    del event[missing]
    found = problem(await shared.post(case, event), 400, "invalid-event")
    assert [fault["pointer"] for fault in found["faults"]] == [f"/{missing}"]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"type":"\\ud800"}'])
async def test_a_body_that_is_not_json_is_malformed(shared: Ledger, case: str, body: bytes) -> None:
    answer = await shared.http.post(f"/v1/cases/{case}/events", content=body, headers=CLOUDEVENT)
    problem(answer, 400, "malformed-json")


async def test_a_body_that_is_nested_without_end_is_too_large_before_it_is_read(
    shared: Ledger, case: str
) -> None:
    body = b'{"data":' * 20_000
    answer = await shared.http.post(f"/v1/cases/{case}/events", content=body, headers=CLOUDEVENT)
    problem(answer, 400, "json-too-large")


async def test_an_empty_batch_is_not_an_event(shared: Ledger, case: str) -> None:
    headers = {"Content-Type": "application/cloudevents-batch+json"}
    answer = await shared.http.post(f"/v1/cases/{case}/events", content=b"[]", headers=headers)
    problem(answer, 400, "invalid-event")


async def test_a_nul_in_an_id_is_a_fault_and_no_failure(shared: Ledger, case: str) -> None:
    problem(await shared.post(case, contact(id="a\0b")), 400, "invalid-event")


async def test_a_time_before_all_calendars_is_a_fault_and_no_failure(shared: Ledger, case: str) -> None:
    answer = await shared.post(case, contact(time="0001-01-01T00:00:00+14:00"))
    assert answer.status_code in {400, 422}


async def test_another_content_type_is_not_taken(shared: Ledger, case: str) -> None:
    for headers in ({"Content-Type": "text/plain"}, {}):
        answer = await shared.http.post(f"/v1/cases/{case}/events", content=b"{}", headers=headers)
        problem(answer, 415, "unsupported-media-type")


async def test_a_body_over_the_limit_is_too_large(shared: Ledger, case: str) -> None:
    body = b" " * 10_000_001
    answer = await shared.http.post(f"/v1/cases/{case}/events", content=body, headers=CLOUDEVENT)
    problem(answer, 413, "body-too-large")


async def test_an_event_that_no_message_could_carry_is_too_large(shared: Ledger, case: str) -> None:
    answer = await shared.post(case, contact(actor="x" * 300_000))
    problem(answer, 413, "body-too-large")


@pytest.mark.parametrize("case_id", ["a b", "office", "x" * 65, "caf%C3%A9", "a.b", "a%0A"])
async def test_a_case_has_a_plain_id(shared: Ledger, case_id: str) -> None:
    problem(await shared.post(case_id, contact()), 400, "invalid-request")


async def test_plain_json_may_leave_out_what_a_cloudevent_needs(shared: Ledger, case: str) -> None:
    body = {"type": "ContactReceived", "data": {"contact_id": "c-1"}}
    answer = await shared.http.post(f"/v1/cases/{case}/events", json=body)
    assert answer.status_code == 201
    document = msgspec.json.decode((await shared.history(case))[0])
    assert document["source"] == "/api"
    assert document["time"] == document["recordedat"]
    assert document["id"] == answer.json()["receipts"][0]["id"]


async def test_an_idempotency_key_names_a_post_that_has_no_id(shared: Ledger, case: str) -> None:
    body = {"type": "ContactReceived", "data": {"contact_id": "c-1"}}
    key = {"Idempotency-Key": "order-66"}
    first = await shared.http.post(f"/v1/cases/{case}/events", json=body, headers=key)
    again = await shared.http.post(f"/v1/cases/{case}/events", json=body, headers=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    body["data"] = {"contact_id": "c-2"}
    reused = problem(
        await shared.http.post(f"/v1/cases/{case}/events", json=body, headers=key), 409, "id-reused"
    )
    assert reused["ids"] == [first.json()["receipts"][0]["id"]]
    assert reused["detail"].endswith(f"{reused['ids'][0]}, made of the Idempotency-Key `order-66`.")
    assert (await shared.http.post(f"/v1/cases/{case}-b/events", json=body, headers=key)).status_code == 201


async def test_an_event_that_has_an_id_is_known_by_that_and_not_by_an_idempotency_key(
    shared: Ledger, case: str
) -> None:
    event = {"id": f"{case}-1", "type": "ContactReceived", "data": {"contact_id": "c-1"}}
    for key in ("one", "another"):
        posted = await shared.http.post(
            f"/v1/cases/{case}/events", json=event, headers={"Idempotency-Key": key}
        )
        assert posted.status_code == (201 if key == "one" else 200)
    event["data"] = {"contact_id": "c-2"}
    posted = await shared.http.post(
        f"/v1/cases/{case}/events", json=event, headers={"Idempotency-Key": "one"}
    )
    assert problem(posted, 409, "id-reused")["detail"].endswith(f": {case}-1.")


async def test_an_idempotency_key_that_cannot_be_used_is_a_fault(shared: Ledger, case: str) -> None:
    body = {"type": "ContactReceived", "data": {"contact_id": "c-1"}}
    answer = await shared.http.post(f"/v1/cases/{case}/events", json=body, headers={"Idempotency-Key": "a b"})
    problem(answer, 400, "invalid-request")


async def test_the_office_has_a_stream_of_its_own(shared: Ledger, case: str) -> None:
    holder = contact(type="RungHolderAppointed", data={"rung": "TEAM_MANAGER", "holder": "manager:4"})
    body = msgspec.json.encode(holder)
    answer = await shared.http.post("/v1/office/events", content=body, headers=CLOUDEVENT)
    assert answer.status_code == 201
    (line,) = await shared.lines("/v1/office/events")
    assert msgspec.json.decode(line)["subject"] == "office"
    problem(await shared.post(case, {**holder, "id": "other"}), 422, "refused")
    misplaced = msgspec.json.encode(contact())
    answer = await shared.http.post("/v1/office/events", content=misplaced, headers=CLOUDEVENT)
    problem(answer, 422, "refused")
