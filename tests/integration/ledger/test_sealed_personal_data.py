"""What is personal is sealed before it is decided on: under a key of its stream, which can be destroyed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from msgspec import json

from services.domain.principal import EVERYBODY
from services.ledger import datakeys, wrapping
from services.ledger.datakey import DataKey, bound
from services.ledger.datakeys import DataKeys, Destroyed, KeyGone
from services.ledger.unsealing import Unsealing
from services.ledger.viewer import Purpose, Viewer
from services.ledger.wrapping import CannotUnwrap
from services.runtime import postgres
from services.runtime.clock import SystemClock
from services.runtime.problems import UNAVAILABLE, Problem
from tests.integration.ledger import ledgers
from tests.integration.ledger.ledgers import CLOUDEVENTS, Ledger, connection, contact
from tests.support.secrets import KEY_ENCRYPTION_KEY
from tests.support.until import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

STATEMENTS = postgres.load_sql("services.ledger.sql")
WORDS = "Words that only the case's own readers may see."
REVIVED = "destroyed_at = NULL, wrapped = ''"
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'caseledger keys'"
COUNSEL = Viewer(principal=EVERYBODY, purpose=Purpose.COURT)
OTHER_KEY = KEY_ENCRYPTION_KEY[:-3] + "AA="


def told(**attributes: Any) -> dict[str, Any]:
    return contact(data={"contact_id": "c-1", "summary": WORDS, "channel": "phone"}, **attributes)


@asynccontextmanager
async def keys_of(url: str, written: str = KEY_ENCRYPTION_KEY) -> AsyncIterator[DataKeys]:
    """What a process has of the keys, on a pool of its own."""
    async with asyncpg.create_pool(ledgers.as_ledger(url), min_size=0) as pool:
        keys = DataKeys(pool, STATEMENTS, wrapping.parse(written), SystemClock())
        watching = asyncio.create_task(keys.watch(ledgers.as_ledger(url)))
        try:
            await until(lambda: keys.is_told)
            yield keys
        finally:
            watching.cancel()


async def test_a_document_has_what_is_personal_sealed_and_the_rest_in_clear(
    shared: Ledger, case: str
) -> None:
    posted = told()
    assert (await shared.post(case, posted)).status_code == 201
    (line,) = await shared.history(case)
    document = json.decode(line)
    assert document["data"] == {"contact_id": "c-1", "channel": "phone"}
    assert WORDS.encode() not in line
    async with keys_of(shared.owner_url) as keys:
        key = (await keys.of([case]))[case]
    opened = key.open(document["sealed"], bound(case, "/test", posted["id"], "ContactReceived"))
    assert json.decode(opened) == {"summary": WORDS}


async def test_a_repeat_is_known_again_though_it_is_sealed_anew_and_other_words_are_not(
    shared: Ledger, case: str
) -> None:
    posted = told()
    first = await shared.post(case, posted)
    again = await shared.post(case, posted)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["receipts"] == first.json()["receipts"]
    other = {**posted, "data": {**posted["data"], "summary": "Other words."}}
    assert (await shared.post(case, other)).status_code == 409
    async with connection(shared.owner_url) as owner:
        contents = await owner.fetchval(
            "SELECT count(DISTINCT content) FROM ledger.event WHERE case_id = $1", case
        )
    assert contents == 1


async def test_what_has_nothing_personal_needs_no_key(shared: Ledger, case: str) -> None:
    assert (await shared.post(case, contact())).status_code == 201
    async with connection(shared.owner_url) as owner:
        assert await owner.fetchval("SELECT count(*) FROM keys.data_key WHERE stream = $1", case) == 0


async def test_two_processes_that_need_a_new_key_at_once_use_the_same(shared: Ledger, case: str) -> None:
    async with keys_of(shared.owner_url) as one, keys_of(shared.owner_url) as other:
        streams = [f"{case}-{nth}" for nth in range(20)]
        asked = [keys.of([stream]) for stream in streams for keys in (one, other, one)]
        found = await asyncio.gather(*asked)
        for nth, stream in enumerate(streams):
            assert len({each[stream].raw for each in found[nth * 3 : nth * 3 + 3]}) == 1
    async with connection(shared.owner_url) as owner:
        kept = await owner.fetch("SELECT wrapped FROM keys.data_key WHERE stream = ANY ($1)", streams)
    assert len(kept) == len(streams)


async def test_a_key_that_was_destroyed_is_gone_in_every_process_and_never_comes_back(
    shared: Ledger, case: str
) -> None:
    async with keys_of(shared.owner_url) as one, keys_of(shared.owner_url) as other:
        await one.of([case])
        await other.of([case])
        gone = await one.destroy(case)
        assert await other.find(case) == gone
        await until(lambda: case not in other.kept)
        for keys in (one, other):
            with pytest.raises(KeyGone) as refused:
                await keys.of([case])
            assert refused.value.destroyed == gone
        assert await other.destroy(case) == gone
    async with connection(shared.owner_url) as owner:
        assert await owner.fetchval("SELECT wrapped FROM keys.data_key WHERE stream = $1", case) is None
        for change in (
            "DELETE FROM keys.data_key",
            "UPDATE keys.data_key SET destroyed_at = NULL, wrapped = ''",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await owner.execute(f"{change} WHERE stream = $1", case)


async def test_a_stream_can_be_kept_from_ever_getting_a_key(shared: Ledger, case: str) -> None:
    async with keys_of(shared.owner_url) as keys:
        gone = await keys.destroy(case)
        assert isinstance(gone, Destroyed)
        answer = await shared.post(case, told())
    assert (answer.status_code, answer.json()["type"]) == (410, "urn:caseledger:problem:erased")
    assert (await shared.post(case, contact())).status_code == 201


async def test_of_many_cases_only_the_erased_one_fails(shared: Ledger, case: str) -> None:
    async with keys_of(shared.owner_url) as keys:
        await keys.destroy(f"{case}-gone")
    events = [told(subject=f"{case}-gone"), told(subject=f"{case}-here"), contact(subject=f"{case}-plain")]
    answer = await shared.http.post("/v1/events", content=json.encode(events), headers=CLOUDEVENTS)
    assert [each["status"] for each in answer.json()["results"]] == [410, 201, 201]


async def test_nothing_is_kept_in_memory_while_nobody_would_tell_of_its_end(
    shared: Ledger, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datakeys, "HEARTBEAT", 0.02)
    async with keys_of(shared.owner_url) as keys:
        await keys.of([case])
        assert case in keys.kept
        async with connection(shared.owner_url) as owner:
            await owner.execute(CUT)
        await until(lambda: case not in keys.kept)
        assert isinstance((await keys.of([case]))[case], DataKey)
        await until(lambda: keys.is_told)


async def test_another_key_encryption_key_opens_nothing_and_readiness_says_so(
    shared: Ledger, case: str
) -> None:
    async with keys_of(shared.owner_url) as keys:
        await keys.of([case])
        assert (await keys.check()).ok
    async with keys_of(shared.owner_url, OTHER_KEY) as keys:
        with pytest.raises(CannotUnwrap, match="is another one"):
            await keys.of([case])
        found = await keys.check()
    assert (found.ok, "`test` here is another one" in found.detail) == (False, True)


async def test_a_history_is_read_whole_by_whoever_says_what_for(shared: Ledger, case: str) -> None:
    await shared.post(case, told(), contact(2))
    sealed = (await shared.http.get(f"/v1/cases/{case}/events")).json()
    asked = {"unseal": "true", "purpose": "SUPERVISION"}
    answer = await shared.http.get(f"/v1/cases/{case}/events", params=asked)
    assert answer.headers["cache-control"] == "no-store"
    whole = answer.json()
    assert whole["events"][0]["data"] == {"contact_id": "c-1", "channel": "phone", "summary": WORDS}
    assert whole["events"][1] == sealed["events"][1]
    for now, before in zip(whole["events"], sealed["events"], strict=True):
        assert {**now, "data": {}} == {
            key: value for key, value in {**before, "data": {}}.items() if key != "sealed"
        }
    lines = await shared.lines(f"/v1/cases/{case}/events?unseal=true&purpose=COURT")
    assert [json.decode(line) for line in lines] == whole["events"]


@pytest.mark.parametrize("asked", ["unseal=true", "unseal=true&purpose=CURIOSITY"])
async def test_nothing_is_opened_without_a_purpose(shared: Ledger, case: str, asked: str) -> None:
    await shared.post(case, told())
    answer = await shared.http.get(f"/v1/cases/{case}/events?{asked}")
    assert (answer.status_code, WORDS in answer.text) == (400, False)
    assert "SUBJECT_ACCESS" in answer.json()["faults"][0]["message"]


async def test_what_was_erased_cannot_be_opened_and_stands_as_it_was(shared: Ledger, case: str) -> None:
    await shared.post(case, told())
    before = await shared.history(case)
    async with keys_of(shared.owner_url) as keys:
        gone = await keys.destroy(case)
    answer = await shared.http.get(f"/v1/cases/{case}/events?unseal=true&purpose=AUDIT")
    assert (answer.status_code, answer.json()["type"]) == (410, "urn:caseledger:problem:erased")
    assert answer.json()["erased_at"] == gone.at.isoformat().replace("+00:00", "Z")
    assert await shared.history(case) == before


async def test_a_look_is_recorded_before_its_answer_and_if_it_cannot_be_nothing_is_shown(
    shared: Ledger, case: str
) -> None:
    await shared.post(case, told(), contact(2), told(id="third"))
    documents = [line.decode() for line in await shared.history(case)]
    looks: list[object] = []

    async def record(*look: object) -> None:
        looks.append(look)

    async def never(_: str) -> None:
        return None

    async def refuse(*_: object) -> None:
        raise Problem(UNAVAILABLE)

    async with keys_of(shared.owner_url) as keys:
        opened = await Unsealing(keys, never, record).open(case, documents, COUNSEL)
        assert looks == [(COUNSEL, case, {"ContactReceived.summary"}, (1, 3))]
        assert [WORDS in document for document in opened] == [True, False, True]
        with pytest.raises(Problem):
            await Unsealing(keys, never, refuse).open(case, documents, COUNSEL)
        # What was sealed for one event opens beside no other.
        moved = documents[2].replace('"id":"third"', '"id":"other"')
        with pytest.raises(Problem, match="internal-error"):
            await Unsealing(keys, never, record).open(case, [moved], COUNSEL)
    assert len(looks) == 1
