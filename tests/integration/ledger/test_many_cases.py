"""Posting over many cases: each case's events together or not at all, and no case failing another."""

from typing import Any

import httpx
import msgspec

from services.ledger.dedicated import Dedicated
from services.runtime import postgres
from tests.integration.ledger.ledgers import CLOUDEVENTS, NDJSON, Ledger, alert, contact


async def post(ledger: Ledger, *events: dict[str, Any]) -> httpx.Response:
    return await ledger.http.post("/v1/events", content=msgspec.json.encode(events), headers=CLOUDEVENTS)


async def test_all_cases_appended_is_201_with_a_result_for_each(ledger: Ledger) -> None:
    answer = await post(ledger, contact(1, subject="a"), contact(2, subject="b"), contact(3, subject="a"))
    assert answer.status_code == 201
    results = answer.json()["results"]
    assert [(each["case_id"], each["status"], len(each["receipts"])) for each in results] == [
        ("a", 201, 2),
        ("b", 201, 1),
    ]
    assert [each["caseversion"] for each in results[0]["receipts"]] == [1, 2]


async def test_one_case_refused_leaves_the_others_appended(ledger: Ledger) -> None:
    bad = [alert(subject="bad"), alert(subject="bad")]
    answer = await post(ledger, contact(1, subject="a"), *bad, contact(2, subject="b"))
    assert answer.status_code == 200
    results = {each["case_id"]: each for each in answer.json()["results"]}
    assert {case: each["status"] for case, each in results.items()} == {"a": 201, "bad": 422, "b": 201}
    assert results["bad"]["problem"]["type"] == "urn:caseledger:problem:refused"
    assert results["bad"]["problem"]["pointer"].startswith("/1/")
    assert len(await ledger.lines()) == 2


async def test_the_same_again_is_200_with_the_original_receipts(ledger: Ledger) -> None:
    events = [contact(1, subject="a"), contact(2, subject="b")]
    first = (await post(ledger, *events)).json()["results"]
    again = await post(ledger, *events)
    assert again.status_code == 200
    assert [each["receipts"] for each in again.json()["results"]] == [each["receipts"] for each in first]


async def test_an_id_used_by_two_cases_of_one_request_is_taken_by_the_first(ledger: Ledger) -> None:
    event = contact(subject="a")
    answer = await post(ledger, event, {**event, "subject": "b"})
    assert [each["status"] for each in answer.json()["results"]] == [201, 409]


async def test_lines_of_json_are_taken_with_ids_or_without(ledger: Ledger) -> None:
    plain = {"type": "ContactReceived", "subject": "a", "data": {"contact_id": "c-1"}}
    lines = [msgspec.json.encode(each) for each in (plain, contact(subject="b"))]
    answer = await ledger.http.post("/v1/events", content=b"\n".join([*lines, b""]), headers=NDJSON)
    assert answer.status_code == 201
    assert [each["case_id"] for each in answer.json()["results"]] == ["a", "b"]


async def test_the_office_may_be_among_the_streams(ledger: Ledger) -> None:
    holder = {"rung": "TEAM_MANAGER", "holder": "manager:4"}
    appointed = contact(type="RungHolderAppointed", data=holder, subject="office")
    answer = await post(ledger, appointed, contact(subject="a"))
    assert answer.status_code == 201


async def test_one_malformed_event_fails_the_request_before_anything_is_done(ledger: Ledger) -> None:
    answer = await post(ledger, contact(subject="a"), contact(), contact(subject="b", mood="x"))
    assert answer.status_code == 400
    assert {each["pointer"] for each in answer.json()["faults"]} == {"/1/subject", "/2/mood"}
    assert await ledger.lines() == []


async def test_a_line_that_is_not_json_is_named(ledger: Ledger) -> None:
    good = msgspec.json.encode(contact(subject="a"))
    answer = await ledger.http.post("/v1/events", content=good + b"\n{\n", headers=NDJSON)
    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:caseledger:problem:malformed-json"
    assert "/1" in answer.json()["detail"]


async def test_a_body_that_is_no_array_is_told(ledger: Ledger) -> None:
    answer = await ledger.http.post("/v1/events", content=b'{"a":1}', headers=CLOUDEVENTS)
    assert answer.json()["type"] == "urn:caseledger:problem:invalid-event"
    answer = await ledger.http.post("/v1/events", content=b"[", headers=CLOUDEVENTS)
    assert answer.json()["type"] == "urn:caseledger:problem:malformed-json"


async def test_more_events_than_a_request_may_hold_are_too_large(ledger: Ledger) -> None:
    answer = await ledger.http.post("/v1/events", content=b"{}\n" * 10_001, headers=NDJSON)
    assert answer.status_code == 413


async def test_plain_json_is_not_taken_for_many(ledger: Ledger) -> None:
    answer = await ledger.http.post("/v1/events", json=contact(subject="a"))
    assert answer.status_code == 415


async def test_histories_are_read_by_index_though_the_table_was_small_when_last_looked_at(
    ledger: Ledger, migrated: str
) -> None:
    await post(ledger, *(contact(n, subject=f"case-{n}") for n in range(9)))
    owner = await postgres.connect(migrated, application_name="analyse")
    await owner.execute("ANALYZE ledger.event")
    await owner.close()
    deciding = Dedicated(migrated, application_name="plans")
    histories = postgres.load_sql("services.ledger.sql")["histories"]
    explained = await deciding.fetch("EXPLAIN " + histories.replace("($1)", "('{a}')"))
    plan = "\n".join(row[0] for row in explained)
    await deciding.close()
    assert "Index" in plan
    assert "Seq Scan" not in plan
