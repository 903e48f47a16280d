"""The ledger's client: retries that change nothing, exact bytes, errors with their rule."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

import msgspec
import pytest
import pytest_asyncio
import structlog
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from services.runtime import problems, web
from services.runtime.client import (
    CaseMovedOn,
    Declined,
    IdReused,
    LedgerAway,
    LedgerClient,
    Refused,
    position_of,
)
from services.runtime.logs import REQUEST_ID
from services.runtime.problems import Kind, Problem
from services.runtime.requests import Application
from services.runtime.streams import ByteStream
from tests.support.open_app import open_app

REFUSED = Kind("refused", "Refused", 422, "…")
ID_REUSED = Kind("id-reused", "Reused", 409, "…")
MOVED_ON = Kind("case-moved-on", "Moved on", 412, "…")
RECORDED = "2018-03-29T12:00:00Z"


class Script:
    """What the far side was asked, and what it answers: the troubles first, then receipts."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str], Any]] = []
        self.troubles: list[Problem] = []
        self.documents: list[bytes] = []
        self.break_off_after = 0

    async def take(self, request: Request[Any, Any, Any]) -> None:
        body = await request.body()
        heard = (request.scope["path"], dict(request.headers), msgspec.json.decode(body) if body else None)
        self.asked.append(heard)
        if self.troubles:
            raise self.troubles.pop(0)

    def receipt(self, event: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": event["id"],
            "position": 7,
            "caseversion": 2,
            "recordedat": RECORDED,
            "flags": "late_entry",
        }

    async def stream(self, after: int, limit: int | None) -> AsyncGenerator[bytes, None]:
        wanted = self.documents[after:][:limit]
        for sent, document in enumerate(wanted, 1):
            yield document + b"\n"
            if sent == self.break_off_after:
                self.break_off_after = 0
                raise ConnectionError


def far_side(script: Script) -> Application:
    async def append(request: Request[Any, Any, Any]) -> dict[str, Any]:
        await script.take(request)
        return {"receipts": [script.receipt(script.asked[-1][2])]}

    @post("/v1/cases/{case_id:str}/events")
    async def append_to_case(request: Request[Any, Any, Any], case_id: FromPath[str]) -> dict[str, Any]:
        assert case_id
        return await append(request)

    @post("/v1/office/events")
    async def append_to_office(request: Request[Any, Any, Any]) -> dict[str, Any]:
        return await append(request)

    @post("/v1/events")
    async def append_batch(request: Request[Any, Any, Any]) -> dict[str, Any]:
        await script.take(request)
        first, second = script.asked[-1][2]
        refused = Problem(REFUSED, "No.", rule="ladder_never_goes_down").document()
        return {
            "results": [
                {"case_id": first["subject"], "status": 201, "receipts": [script.receipt(first)]},
                {"case_id": second["subject"], "status": 422, "problem": refused},
            ]
        }

    @get("/v1/events")
    async def read_events(
        request: Request[Any, Any, Any], after: FromQuery[int], limit: FromQuery[int | None] = None
    ) -> ByteStream:
        await script.take(request)
        return ByteStream(script.stream(after, limit), media_type="application/x-ndjson")

    @get("/v1/cases/{case_id:str}/events")
    async def read_case(case_id: FromPath[str]) -> Response[bytes]:
        if case_id == "nobody":
            raise Problem(problems.NOT_FOUND)
        return Response(
            b"".join(line + b"\n" for line in script.documents), media_type="application/x-ndjson"
        )

    @get("/v1/head")
    async def read_head() -> dict[str, int]:
        return {"position": 9, "published": 8}

    routes = [append_to_case, append_to_office, append_batch, read_events, read_case, read_head]
    return open_app("ledger", *routes)


@pytest.fixture
def script() -> Script:
    return Script()


@pytest_asyncio.fixture
async def ledger(script: Script) -> AsyncIterator[LedgerClient]:
    async with (
        web.serve(far_side(script), "127.0.0.1", 0) as url,
        LedgerClient(url, source="/notifier", patience=5) as ledger,
    ):
        with structlog.testing.capture_logs():
            yield ledger


def documents(count: int) -> list[bytes]:
    # A line separator of Unicode is no end of a line here.
    return [
        b'{"position": %d,"data":{"a":"\xe2\x80\xa8b\\\\n"}}' % position for position in range(1, count + 1)
    ]


async def test_an_append_sends_a_cloudevent_and_gives_the_receipt(
    ledger: LedgerClient, script: Script
) -> None:
    receipt = await ledger.append("case-1", {"type": "PlanMade", "data": {}})
    path, headers, event = script.asked[0]
    assert (path, headers["content-type"]) == ("/v1/cases/case-1/events", "application/cloudevents+json")
    assert event["source"] == "/notifier"
    assert event["subject"] == "case-1"
    assert (receipt.id, receipt.position, receipt.caseversion) == (event["id"], 7, 2)
    assert receipt.flags == "late_entry"


async def test_the_office_has_an_address_of_its_own(ledger: LedgerClient, script: Script) -> None:
    await ledger.append("office", {"type": "RungHolderAppointed", "data": {}})
    assert script.asked[0][0] == "/v1/office/events"


async def test_a_retry_sends_the_same_id_again(ledger: LedgerClient, script: Script) -> None:
    script.troubles = [
        Problem(problems.UNAVAILABLE, headers={"Retry-After": "0"}),
        Problem(problems.INTERNAL_ERROR),
    ]
    await ledger.append("case-1", {"type": "PlanMade", "data": {}})
    assert len({event["id"] for _, _, event in script.asked}) == 1
    assert len(script.asked) == 3


async def test_an_expected_version_is_sent_as_a_condition(ledger: LedgerClient, script: Script) -> None:
    await ledger.append("case-1", {"type": "PlanMade", "data": {}}, expected_version=4)
    assert script.asked[0][1]["if-match"] == '"4"'


@pytest.mark.parametrize(
    ("kind", "error"), [(REFUSED, Refused), (ID_REUSED, IdReused), (MOVED_ON, CaseMovedOn)]
)
async def test_each_refusal_has_its_error(
    ledger: LedgerClient, script: Script, kind: Kind, error: type[Declined]
) -> None:
    script.troubles = [Problem(kind, "Because.", rule="a_rule", pointer="/data/by")]
    with pytest.raises(error) as caught:
        await ledger.append("case-1", {"type": "PlanMade", "data": {}})
    assert (caught.value.status, caught.value.slug, caught.value.detail) == (
        kind.status,
        kind.slug,
        "Because.",
    )
    if isinstance(caught.value, Refused):
        assert (caught.value.rule, caught.value.pointer) == ("a_rule", "/data/by")
    assert len(script.asked) == 1


async def test_a_batch_has_a_result_for_each_case(ledger: LedgerClient) -> None:
    event = {"type": "PlanMade", "data": {}}
    first, second = await ledger.append_many([("case-1", event), ("case-2", event)])
    assert (first.case_id, first.receipts[0].position, first.error) == ("case-1", 7, None)
    assert isinstance(second.error, Refused)
    assert second.error.rule == "ladder_never_goes_down"


async def test_an_absent_ledger_is_away_when_patience_ends(unused_tcp_port: int) -> None:
    async with LedgerClient(f"http://127.0.0.1:{unused_tcp_port}", source="/x", patience=0.1) as ledger:
        with structlog.testing.capture_logs(), pytest.raises(LedgerAway):
            await ledger.head()


async def test_the_head_says_how_far_ledger_and_stream_have_come(ledger: LedgerClient) -> None:
    head = await ledger.head()
    assert (head.position, head.published) == (9, 8)


async def test_documents_are_read_back_as_exact_bytes(ledger: LedgerClient, script: Script) -> None:
    script.documents = documents(20)
    assert [line async for line in ledger.events_after(3)] == script.documents[3:]
    assert [line async for line in ledger.events_after(3, limit=4)] == script.documents[3:7]
    assert [line async for line in ledger.events_after(20)] == []


async def test_a_broken_read_is_taken_up_where_it_broke(ledger: LedgerClient, script: Script) -> None:
    script.documents, script.break_off_after = documents(20), 5
    assert [line async for line in ledger.events_after(0, limit=12)] == script.documents[:12]
    assert len(script.asked) == 2


async def test_a_read_that_breaks_after_its_last_document_is_whole(
    ledger: LedgerClient, script: Script
) -> None:
    script.documents, script.break_off_after = documents(20), 4
    assert [line async for line in ledger.events_after(0, limit=4)] == script.documents[:4]
    assert len(script.asked) == 1  # no more is asked: a limit of 0 would be refused


async def test_an_impatient_reader_is_told_at_once(ledger: LedgerClient, script: Script) -> None:
    script.troubles = [Problem(problems.UNAVAILABLE)]
    with pytest.raises(LedgerAway):
        [line async for line in ledger.events_after(0, patiently=False)]


async def test_a_replay_whose_key_was_taken_away_ends_in_that_problem(
    ledger: LedgerClient, script: Script
) -> None:
    last = Problem(problems.UNAUTHENTICATED)
    script.documents = [*documents(2), msgspec.json.encode(last.document())]
    async with aclosing(ledger.events_after(0)) as lines:
        assert [await anext(lines), await anext(lines)] == script.documents[:2]
        with pytest.raises(Declined) as ended:
            await anext(lines)
    assert (ended.value.status, ended.value.slug) == (401, "unauthenticated")


async def test_a_case_is_read_whole(ledger: LedgerClient, script: Script) -> None:
    script.documents = documents(3)
    assert await ledger.case_events("case-1") == script.documents
    assert await ledger.case_events("nobody") == []


async def test_the_request_id_is_passed_on(ledger: LedgerClient, script: Script) -> None:
    mine = "0199f3a2-0000-7000-8000-000000000001"
    token = REQUEST_ID.set(mine)
    await ledger.append("case-1", {"type": "PlanMade", "data": {}})
    REQUEST_ID.reset(token)
    assert script.asked[0][1]["x-request-id"] == mine


@pytest.mark.parametrize("document", [b'{"position": 12,"a":1}', b'{"position":12}', b'{ "position" : 12 }'])
def test_a_document_begins_with_its_position(document: bytes) -> None:
    assert position_of(document) == 12


def test_what_does_not_begin_with_a_position_is_no_document() -> None:
    with pytest.raises(ValueError, match="position"):
        position_of(b'{"id": "x", "position": 12}')


async def test_many_appends_may_be_outstanding(ledger: LedgerClient) -> None:
    receipts = await asyncio.gather(
        *(ledger.append("c", {"type": "PlanMade", "data": {}}) for _ in range(50))
    )
    assert len({receipt.id for receipt in receipts}) == 50
