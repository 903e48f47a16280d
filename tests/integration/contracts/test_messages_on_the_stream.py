"""Real messages on a real stream, read by others' libraries: CloudEvents, and as the schemas say."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio
from cloudevents.core.formats.json import JSONFormat
from jsonschema import Draft202012Validator
from msgspec import json
from nats.js.api import ConsumerConfig, DeliverPolicy

from services.domain.events import ACCESS_EVENT_TYPES, CASE_EVENT_TYPES, EVENT_TYPES
from services.ledger import service
from services.ledger.settings import Settings
from services.runtime.tls import authorities
from tests.integration.ledger import ledgers
from tests.support import backing
from tests.support.backing import Database
from tests.support.contract import SCHEMAS, faults_of_document, read
from tests.support.samples import SAMPLES, cloudevent
from tests.support.samples_of_casework import ALLEGATION, CHILD
from tests.support.secrets import KEY_ENCRYPTION_KEY

pytestmark = pytest.mark.asyncio(loop_scope="module")

CLOCK: Final = "2017-10-02T09:00:00Z"
LATER: Final = "2017-10-31T00:00:00Z"  # the cap, and the Chair's window, are over
LAST: Final = "2018-05-22T10:00:00Z"
MESSAGES: Final = read(SCHEMAS / "asyncapi.json")["components"]["messages"]
HEADERS: Final = read(SCHEMAS / "asyncapi.json")["components"]["schemas"]["Headers"]

OFFICE: Final[list[tuple[str, dict[str, Any]]]] = [
    ("RungHolderAppointed", {}),
    ("RungHolderStoodDown", {}),
    ("ClosureDaysSet", {}),
    ("PolicyAdopted", {}),
    ("ApiKeyIssued", {"replaces": None, "expires_at": None}),
    ("ApiKeyRevoked", {}),
]
CASEWORK: Final[list[tuple[str, dict[str, Any]]]] = [(name, {}) for name in CHILD]
OF_AN_ADULT: Final[list[tuple[str, dict[str, Any]]]] = [(name, {}) for name in ALLEGATION]
# In an order in which the ledger admits them; some need an alert of their own.
TODAY: Final[list[tuple[str, dict[str, Any]]]] = [
    ("ContactReceived", {}),
    ("StrategyHeld", {}),
    ("PlanMade", {}),
    ("GoodPracticeRecorded", {}),
    ("EventVoided", {"target_event_id": "sample-4-GoodPracticeRecorded"}),
    ("InformalResolutionAttempted", {}),
    ("PracticeAlertRaised", {}),
    ("PracticeAlertAcknowledged", {}),
    ("NotificationSent", {}),
    ("NotificationFailed", {}),
    ("CafcassReferralMade", {}),
    ("CafcassOutcomeReceived", {}),
    ("ResponseReceived", {}),
    ("ResponseRejected", {}),
    ("EscalatedToServiceManager", {}),
    ("ResponseReceived", {"rung": "SERVICE_MANAGER"}),
    ("ResponseAccepted", {}),
    ("PracticeAlertResolved", {}),
    ("PracticeAlertRaised", {"alert_id": "alert-2", "repeat_of": None}),
    ("EscalatedToHeadOfService", {"alert_id": "alert-2"}),
    ("PracticeAlertWithdrawn", {"alert_id": "alert-2"}),
    ("PracticeAlertRaised", {"alert_id": "alert-3", "repeat_of": None}),
    ("EscalatedToDirectorOfChildrensServices", {"alert_id": "alert-3"}),
    ("PracticeAlertRaised", {"alert_id": "alert-4", "repeat_of": None}),
    ("EscalatedToLscbChair", {"alert_id": "alert-4"}),
    ("CaseRestricted", {}),
    ("BreakGlassUsed", {}),
    ("RestrictionLifted", {}),
]
AFTERWARDS: Final[list[tuple[str, dict[str, Any]]]] = [
    ("StatutoryCapReached", {"alert_id": "alert-4"}),
    ("LadderExhausted", {"alert_id": "alert-4"}),
]
LAST_OF_ALL: Final[list[tuple[str, dict[str, Any]]]] = [
    ("LegalHoldPlaced", {}),
    ("LegalHoldLifted", {}),
    ("SubjectAccessPrepared", {}),
    ("SubjectAccessApproved", {}),
]
ERASURE: Final = {"authority": "COURT", "basis": "COURT_ORDER", "decided_by": "records:1"}
BY_ANOTHER: Final = {"ResponseReceived", "SubjectAccessPrepared"}  # than who decides on it


class Message:
    """One message of the stream, as any client of NATS gets it."""

    def __init__(self, subject: str, sequence: int, headers: dict[str, str], data: bytes) -> None:
        self.subject, self.sequence, self.headers, self.data = subject, sequence, headers, data
        self.document: dict[str, Any] = json.decode(data)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def http(
    postgres_server: Database, migrated_template: str, nats_server: str
) -> AsyncIterator[httpx.AsyncClient]:
    """A ledger whose clock stands on a Monday morning."""
    await backing.empty_jetstream(nats_server)
    async with (
        backing.fresh_database(postgres_server, "contracts", template=migrated_template) as database,
        _ledger(database, nats_server) as http,
    ):
        yield http


@asynccontextmanager
async def _ledger(database: Database, bus: str) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings(
        authentication="off",
        database_url=ledgers.as_ledger(database.url),
        nats_url=bus,
        port=0,
        clock=CLOCK,
        key_encryption_key=KEY_ENCRYPTION_KEY,
    )
    async with (
        service.serve(settings) as served_at,
        httpx.AsyncClient(base_url=served_at, timeout=20, trust_env=False, verify=authorities()) as http,
    ):
        yield http


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def messages(http: httpx.AsyncClient, nats_server: str) -> list[Message]:
    """What it published of one event of every type, at least."""
    await _post(http, "/v1/office/events", OFFICE)
    await _post(http, "/v1/cases/case-1/events", TODAY)
    await _post(http, "/v1/cases/case-1/events", CASEWORK)
    await _post(http, "/v1/cases/allegation-1/events", OF_AN_ADULT)
    (await http.put("/v1/clock", json={"now": LATER})).raise_for_status()
    await _post(http, "/v1/cases/case-1/events", AFTERWARDS, first=len(TODAY) + 1)
    (await http.put("/v1/clock", json={"now": LAST})).raise_for_status()
    asked = {"unseal": "true", "purpose": "AUDIT"}
    (await http.get("/v1/cases/case-1/events", params=asked)).raise_for_status()  # is an event too: a look
    await _post(http, "/v1/cases/case-1/events", LAST_OF_ALL, first=len(TODAY + AFTERWARDS) + 1)
    (await http.post("/v1/cases/case-1/erasure", json=ERASURE)).raise_for_status()  # two events
    posted = len(OFFICE + TODAY + CASEWORK + OF_AN_ADULT + AFTERWARDS + LAST_OF_ALL)
    return await _consume(nats_server, posted + 3)


async def _post(
    http: httpx.AsyncClient, path: str, events: list[tuple[str, dict[str, Any]]], *, first: int = 1
) -> None:
    for number, (name, own) in enumerate(events, start=first):
        event = cloudevent(name, number)
        event["data"] = SAMPLES[name] | own
        if name in BY_ANOTHER:
            event["actor"] = "manager:4"
        answer = await http.post(path, content=json.encode(event), headers=ledgers.CLOUDEVENT)
        assert answer.status_code == 201, (name, answer.text)


async def _consume(url: str, count: int) -> list[Message]:
    async with ledgers.broker(url) as client:
        config = ConsumerConfig(deliver_policy=DeliverPolicy.ALL)
        reader = await client.jetstream().subscribe("case.>", ordered_consumer=True, config=config)
        found = [await reader.next_msg(timeout=10) for _ in range(count)]
        await reader.unsubscribe()
        return [
            Message(each.subject, each.metadata.sequence.stream, dict(each.headers or {}), each.data)
            for each in found
        ]


async def test_every_type_is_published_as_others_were_told_it_would_be(messages: list[Message]) -> None:
    assert {message.document["type"] for message in messages} == EVENT_TYPES.keys() == MESSAGES.keys()
    for message in messages:
        _is_a_cloudevent(message)
        assert faults_of_document(message.document) == [], message.data
        assert Draft202012Validator(HEADERS).is_valid(message.headers)
        stream, name = message.document["subject"], message.document["type"]
        assert message.subject == f"case.{stream}.{name}"
        assert stream == _stream_of(name)
    assert [message.sequence for message in messages] == list(range(1, len(messages) + 1))
    assert [message.document["position"] for message in messages] == list(range(1, len(messages) + 1))


async def test_what_is_replayed_over_http_is_what_was_published(
    http: httpx.AsyncClient, messages: list[Message]
) -> None:
    replayed = await http.get("/v1/events", headers={"Accept": "application/x-ndjson"})
    assert replayed.content.splitlines() == [message.data for message in messages]


async def test_a_ledger_serves_the_api_that_is_written_down(http: httpx.AsyncClient) -> None:
    served = (await http.get("/openapi.json")).json()
    written = read(SCHEMAS / "openapi" / "ledger.json")
    assert served | {"info": None} == written | {"info": None}


def _stream_of(name: str) -> str:
    if name in ACCESS_EVENT_TYPES:
        return "access~case-1"
    of_a_case = "allegation-1" if name in ALLEGATION else "case-1"
    return of_a_case if name in CASE_EVENT_TYPES else "office"


def _is_a_cloudevent(message: Message) -> None:
    document = message.document
    event = JSONFormat().read(None, message.data)
    assert event.get_specversion() == "1.0"
    assert (event.get_id(), event.get_source()) == (document["id"], document["source"])
    assert event.get_type() == document["type"]
    assert event.get_subject() == document["subject"]
    assert event.get_datacontenttype() == "application/json"
    assert event.get_dataschema() == document["dataschema"]
    assert event.get_extension("caseversion") == document["caseversion"]
    assert event.get_extension("position") == message.sequence
    assert event.get_data() == document["data"]
    time = event.get_time()
    assert time is not None
    assert time.utcoffset() is not None
    for attribute in document.keys() - {"data"}:
        assert attribute.isascii()
        assert attribute.isalnum()
        assert attribute.islower()
        assert len(attribute) <= 20
