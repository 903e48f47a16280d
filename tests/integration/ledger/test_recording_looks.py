"""Whoever is shown what is sealed is in the ledger first: no look, no answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from msgspec import json

from services.evidence.merkle import leaf_hash
from services.ledger import batcher
from tests.integration.ledger.ledgers import Ledger, connection, contact
from tests.support.until import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

WORDS = "Words that only the case's own readers may see."
APPENDER = "caseledger append"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'"
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1"
UNSEALED = {"unseal": "true", "purpose": "SUPERVISION"}


def told(**attributes: Any) -> dict[str, Any]:
    return contact(data={"contact_id": "c-1", "summary": WORDS, "referrer": WORDS}, **attributes)


async def looks(ledger: Ledger, case: str) -> list[dict[str, Any]]:
    """What the log of the case says, as every replay has it."""
    replayed = [json.decode(line) for line in await ledger.lines()]
    return [each for each in replayed if each["subject"] == f"access~{case}"]


@asynccontextmanager
async def append_held(ledger: Ledger) -> AsyncIterator[Any]:
    """Nothing can be appended within; gives a function that returns once somebody waits for it."""
    async with connection(ledger.owner_url) as owner, connection(ledger.owner_url) as other:

        async def waits() -> bool:
            return bool(await other.fetchval(WAITING, APPENDER) == 1)

        async with owner.transaction():
            await owner.execute("SELECT FROM ledger.head FOR UPDATE")
            yield lambda: until(waits)


async def test_each_time_that_a_case_is_unsealed_is_an_event_beside_it(shared: Ledger, case: str) -> None:
    await shared.post(case, told(), contact(2), contact(3, type="GoodPracticeRecorded", data={}))
    path = f"/v1/cases/{case}/events"
    for _ in range(2):
        assert WORDS in (await shared.http.get(path, params=UNSEALED)).text
    named = {**UNSEALED, "on_behalf_of": "worker:3", "purpose": "COURT"}
    answer = await shared.http.get(path, params=named, headers={"Accept": "application/x-ndjson"})

    first, second, third = await looks(shared, case)
    assert first["data"] == {
        "case_id": case,
        "purpose": "SUPERVISION",
        "fields": ["ContactReceived.referrer", "ContactReceived.summary"],
        "versions": "1",
    }
    assert (first["type"], first["source"], first["actor"]) == ("RecordViewed", "/ledger", "everybody")
    assert (second["data"], second["id"] != first["id"]) == (first["data"], True)
    assert (third["onbehalfof"], third["data"]["purpose"]) == ("worker:3", "COURT")
    assert [each["caseversion"] for each in (first, second, third)] == [1, 2, 3]
    assert answer.headers["etag"] == '"3"'  # of the case, which its readers do not move on


async def test_what_shows_nothing_that_is_sealed_is_no_look(shared: Ledger, case: str) -> None:
    await shared.post(case, told(), contact(2))
    path = f"/v1/cases/{case}/events"
    answers = [
        await shared.http.get(path),
        await shared.http.get(path, params={**UNSEALED, "after_version": 1}),
        await shared.http.get(path, params={"unseal": "true"}),
        await shared.http.get(f"{path}-unknown", params=UNSEALED),
        await shared.http.head(path, params=UNSEALED),
    ]
    assert [each.status_code for each in answers] == [200, 200, 400, 404, 405]
    assert WORDS not in "".join(each.text for each in answers)
    assert await looks(shared, case) == []


async def test_no_client_writes_into_the_log(shared: Ledger, case: str) -> None:
    look = contact() | {"type": "RecordViewed", "data": {"case_id": case, "purpose": "AUDIT"}}
    at_case = await shared.post(case, look)
    many = [look | {"subject": f"access~{case}"}]
    in_the_log = await shared.http.post(
        "/v1/events",
        content=json.encode(many),
        headers={"Content-Type": "application/cloudevents-batch+json"},
    )
    by_path = await shared.post(f"access~{case}", contact())
    assert (at_case.status_code, at_case.json()["rule"]) == (422, "belongs_to_an_access_log")
    assert (in_the_log.status_code, by_path.status_code) == (400, 400)
    assert await looks(shared, case) == []


async def test_the_answer_waits_for_the_look_to_be_on_disk(shared: Ledger, case: str) -> None:
    await shared.post(case, told())
    async with append_held(shared) as waited_for, connection(shared.owner_url) as killer:
        reading = asyncio.create_task(shared.http.get(f"/v1/cases/{case}/events", params=UNSEALED))
        await waited_for()
        assert not reading.done()
        await killer.execute(CUT, APPENDER)
    answer = await reading
    assert (answer.status_code, WORDS in answer.text) == (200, True)
    assert len(await looks(shared, case)) == 1


async def test_nothing_is_shown_while_looks_cannot_be_recorded(
    shared: Ledger, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shared.post(case, told())
    monkeypatch.setattr(batcher, "PATIENCE", 0.1)
    path = f"/v1/cases/{case}/events"
    async with append_held(shared):
        refused = await shared.http.get(path, params=UNSEALED)
        sealed = await shared.http.get(path)
    assert (refused.status_code, refused.json()["type"]) == (503, "urn:caseledger:problem:look-not-recorded")
    assert refused.headers["retry-after"] == "1"
    assert WORDS not in refused.text
    assert sealed.status_code == 200
    monkeypatch.undo()
    assert (await shared.http.get(path, params=UNSEALED)).status_code == 200
    assert len(await looks(shared, case)) == 2  # one too many, never one too few


async def test_a_look_is_stored_and_hashed_as_every_event_is(shared: Ledger, case: str) -> None:
    await shared.post(case, told())
    await shared.http.get(f"/v1/cases/{case}/events", params=UNSEALED)
    (look,) = await looks(shared, case)
    async with connection(shared.owner_url) as owner:
        row = await owner.fetchrow("SELECT * FROM ledger.event WHERE position = $1", look["position"])
    assert json.decode(row["document"]) == look
    assert row["leaf"] == leaf_hash(row["document"].encode())
    assert (row["case_id"], row["case_version"], row["type"]) == (f"access~{case}", 1, "RecordViewed")
