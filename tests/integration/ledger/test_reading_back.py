"""Reading back: exact bytes, as known on any day, and all of it with any number of backslashes."""

import hashlib

import msgspec
import pytest

from tests.integration.ledger.ledgers import CLOUDEVENTS, Ledger, connection, contact

CONTROLS = dict.fromkeys(range(32), "_")  # an account is one line
AWKWARD = 'a\\b \\\\ "quoted" \\n line\nbreak\ttab \u2028 \U0001f600 é {"position":1,\\"x\\"} \\'


def awkward(number: int) -> dict[str, object]:
    text = AWKWARD + "\\" * (number % 7) + "é" * (number % 5)
    return contact(
        subject=f"case-{number % 3}", actor=text.translate(CONTROLS), data={"contact_id": f"c-{number}"}
    )


async def test_a_line_is_the_stored_bytes_and_the_leaf_is_their_hash(ledger: Ledger) -> None:
    await ledger.post("case-1", contact(actor=AWKWARD.translate(CONTROLS)))
    (line,) = await ledger.lines()
    async with connection(ledger.owner_url) as owner:
        row = await owner.fetchrow("SELECT document, leaf FROM ledger.event")
    assert line == row["document"].encode()
    assert row["leaf"] == hashlib.sha256(b"\0" + line).digest()
    assert msgspec.json.decode(line)["actor"] == AWKWARD.translate(CONTROLS)


async def test_a_replay_over_many_chunks_gives_every_document_exactly(ledger: Ledger) -> None:
    for start in range(0, 5_000, 1_000):
        body = msgspec.json.encode([awkward(n) for n in range(start, start + 1_000)])
        assert (await ledger.http.post("/v1/events", content=body, headers=CLOUDEVENTS)).status_code == 201
    async with connection(ledger.owner_url) as owner:
        rows = await owner.fetch("SELECT document FROM ledger.event ORDER BY position")
    assert await ledger.lines() == [row["document"].encode() for row in rows]


async def test_a_replay_goes_on_after_a_position_and_stops_at_a_limit(ledger: Ledger) -> None:
    await ledger.post("case-1", *(contact(n) for n in range(5)))
    everything = await ledger.lines()
    assert await ledger.lines("/v1/events?after=3") == everything[3:]
    assert await ledger.lines("/v1/events?after=1&limit=2") == everything[1:3]
    assert await ledger.lines("/v1/events?after=5") == []
    assert await ledger.lines("/v1/events?after=99") == []


async def test_a_case_is_read_as_json_with_its_version(ledger: Ledger) -> None:
    await ledger.post("case-1", contact(1), contact(2))
    answer = await ledger.http.get("/v1/cases/case-1/events")
    assert answer.headers["etag"] == '"2"'
    found = answer.json()
    assert (found["case_id"], found["caseversion"]) == ("case-1", 2)
    assert [each["caseversion"] for each in found["events"]] == [1, 2]


async def test_a_case_is_read_as_lines_with_the_same_bytes(ledger: Ledger) -> None:
    await ledger.post("case-1", contact(1))
    await ledger.post("case-2", contact(2))
    assert await ledger.lines("/v1/cases/case-2/events") == (await ledger.lines())[1:]


async def test_a_case_of_which_nothing_is_recorded_is_not_found(ledger: Ledger) -> None:
    for path in ("/v1/cases/nobody/events", "/v1/office/events"):
        answer = await ledger.http.get(path)
        assert answer.status_code == 404
        assert answer.json()["type"] == "urn:caseledger:problem:not-found"


async def test_a_case_is_read_as_it_was_known_and_as_it_had_happened(ledger: Ledger) -> None:
    await ledger.post("case-1", contact(1, time="2018-03-01T10:00:00Z"))
    first = await ledger.http.get("/v1/cases/case-1/events")
    recorded = first.json()["events"][0]["recordedat"]
    await ledger.post("case-1", contact(2, time="2018-02-01T10:00:00Z"))

    async def versions(**query: str | int) -> list[int]:
        answer = await ledger.http.get("/v1/cases/case-1/events", params=query)
        assert answer.status_code == 200
        return [each["caseversion"] for each in answer.json()["events"]]

    assert await versions(recorded_until=recorded) == [1]
    assert await versions(recorded_until="2018-01-01T00:00:00Z") == []
    assert await versions(occurred_until="2018-02-15T00:00:00+01:00") == [2]
    assert await versions(occurred_until="2018-02-01T10:00:00Z", after_version=1) == [2]
    assert await versions(after_version=1) == [2]
    assert await versions() == [1, 2]


@pytest.mark.parametrize(
    "query",
    [
        "recorded_until=yesterday",
        "recorded_until=2018-01-01T00:00:00",
        "recorded_until=0001-01-01T00:00:00%2B10:00",
        "recorded_until=0.5",
        "occurred_until=1520000000",
        "after_version=-1",
        "after_version=99999999999999999999",
    ],
)
async def test_a_query_that_cannot_be_read_is_a_fault(ledger: Ledger, query: str) -> None:
    answer = await ledger.http.get(f"/v1/cases/case-1/events?{query}")
    assert answer.status_code == 400, answer.text
    assert answer.json()["type"] == "urn:caseledger:problem:invalid-request"


async def test_the_head_says_how_far_ledger_and_stream_have_come(ledger: Ledger) -> None:
    assert await ledger.head() == {"position": 0, "published": 0}
    await ledger.post("case-1", contact(1), contact(2))
    assert (await ledger.head())["position"] == 2
