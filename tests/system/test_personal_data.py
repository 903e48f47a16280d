"""What is personal is sealed: no file, message, read model, answer or log line carries it in clear.

Every personal field of every event is filled with words of their own, which are then looked for everywhere;
the one answer that opens them shows that they were told.
"""

from base64 import b64encode
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
import pytest_asyncio

from services.domain.events import EVENT_TYPES
from services.domain.personal import fields_of
from services.runtime.tls import authorities
from tests.support.audit import audit
from tests.support.load import HOLDERS, Writer, address_of, appointments
from tests.support.product import Product
from tests.support.samples import SAMPLES
from tests.support.tokens import BEARER
from tests.support.traces import read_model

pytestmark = pytest.mark.asyncio(loop_scope="module")

OPENING = datetime(2018, 6, 4, 8, tzinfo=UTC)  # a Monday after everything in the samples
CASE, RESTRICTED = "case-1", "restricted"

# An alert's events in an order in which they can be true.
LADDER = (
    "InformalResolutionAttempted",
    "PracticeAlertRaised",
    "ResponseReceived",
    "ResponseRejected",
    "CafcassReferralMade",
    "GoodPracticeRecorded",
    "PracticeAlertWithdrawn",
)
ADDRESSES = [address_of(holder) for holder in HOLDERS.values()]
LEFT_TO_THE_LADDER = {"day0", "due_on", "cap_on", "calendar_version", "repeat_of"}


# They stand nowhere else.
DATES = {"date_of_birth": "2009-04-17", "child_dob": "2009-04-18", "expected_birth": "2009-04-19"}
OF_THEIR_OWN = ("EventVoided", "RungHolderAppointed", "BreakGlassUsed")


class Kept(NamedTuple):
    """A product that was told personal things, the words that stand for them, by the case that was told."""

    product: Product
    told: dict[str, set[str]]
    directory: Path

    @property
    def words(self) -> frozenset[str]:
        """Every word."""
        return frozenset(word for words in self.told.values() for word in words)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kept(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Kept]:
    directory = tmp_path_factory.mktemp("personal-data")
    async with Product(directory, clock=OPENING) as product:
        async with Writer(product.ledger) as writer:
            told = await tell(writer, product)
            await mistype(product)
            await audit(product, writer.acknowledged)
            told |= await restrict(writer)  # nobody's replay shows this one
            await product.settle()
        yield Kept(product, told, directory)


async def tell(writer: Writer, product: Product) -> dict[str, set[str]]:
    """Post every event that has something personal, every field filled; gives the words by case."""
    samples = {name: filled(name) for name, kind in EVENT_TYPES.items() if fields_of(kind)}
    told = {"office": {"ZebedeeTheHolder"}, "errors": {"ZebedeeTheError"}}
    for event in appointments():
        event["data"]["name"] = "ZebedeeTheHolder"
        await writer.post("office", event)
    for name in samples.keys() - {*LADDER, *OF_THEIR_OWN}:
        await writer.post(f"of-{name}", samples[name][0])
        told[f"of-{name}"] = samples[name][1]
    for name in LADDER:
        await writer.post(CASE, samples[name][0])
        told.setdefault(CASE, set()).update(samples[name][1])
        await product.settle()  # so that everybody is told of each
    (voided,) = await writer.post("errors", {"type": "ContactReceived", "data": {"contact_id": "in-error"}})
    data = {"target_event_id": voided.receipt.id, "reason": "ZebedeeTheError"}
    await writer.post("errors", {"type": "EventVoided", "data": data})
    await product.advance(OPENING + timedelta(days=3))
    return told


async def restrict(writer: Writer) -> dict[str, set[str]]:
    """Restrict a case, and break its glass; gives the words by case."""
    await writer.post(RESTRICTED, {"type": "CaseRestricted", "data": {"reason": "ADOPTION"}})
    glass = {"purpose": "CHILD_AT_RISK", "reason": "ZebedeeTheGlass"}
    await writer.post(RESTRICTED, {"type": "BreakGlassUsed", "actor": "sw:3", "data": glass})
    return {RESTRICTED: {"ZebedeeTheGlass"}}


DECLINED = "ZebedeeTheDeclined"


async def mistype(product: Product) -> None:
    """Post what the ledger declines, with a personal word in it."""
    bodies = [
        f'{{"type":"ContactReceived","data":{{"contact_id":"c","summary":"{DECLINED}","more":1}}}}',
        f'{{"type":"ContactReceived","data":{{"contact_id":"c","summary":"{DECLINED}\\u0000"}}}}',
        f'{{"type":"ContactReceived","data":{{"contact_id":"c","referrer":["{DECLINED}"]}}}}',
        f'{{"type":"ChildDetailsRecorded","data":{{"name":"{DECLINED * 20}"}}}}',
        f'{{"type":"ChildDetailsRecorded","data":{{"date_of_birth":"{DECLINED}"}}}}',
        f'{{"type":"ContactReceived","data":{{"contact_id":"c","summary":"{DECLINED}"',
        f'{{"type":"ResponseAccepted","data":{{"alert_id":"alert-1","by":"{DECLINED}"}}}}',
        f'{{"type":"{DECLINED}","data":{{}}}}',
    ]
    async with httpx.AsyncClient(
        headers=BEARER, base_url=product.ledger, trust_env=False, verify=authorities()
    ) as client:
        for body in bodies:
            headers = {"Content-Type": "application/json"}
            answer = await client.post(f"/v1/cases/{CASE}/events", content=body, headers=headers)
            assert answer.is_client_error, answer.text
            assert DECLINED not in answer.text or "summary" not in body


def filled(name: str) -> tuple[dict[str, Any], set[str]]:
    """A sample event with a word of its own in each personal field, and those words."""
    data = {key: value for key, value in SAMPLES[name].items() if key not in LEFT_TO_THE_LADDER}
    data = {key: value for key, value in data.items() if not key.endswith("birth_month")}
    words = {}
    for nth, field in enumerate(fields_of(EVENT_TYPES[name])):
        words[field] = DATES.get(field) or f"Zebedee{nth}{name}"[: 20 if field == "upn" else None]
    return {"type": name, "data": data | words}, set(words.values())


def found(words: Iterable[str], where: str) -> list[str]:
    return [word for word in words if word in where]


def spelled(words: Iterable[str]) -> list[bytes]:
    """What to look for in bytes: the words that all begin alike, the dates, and each of them in base64."""
    plain = [b"Zebedee", *(word.encode() for word in words if word[:4].isdecimal())]
    return plain + [_in_base64(word, shift) for word in plain for shift in range(3)]


def _in_base64(word: bytes, shift: int) -> bytes:
    """What of a word's base64 does not depend on what stands around it, `shift` bytes into a group."""
    first, last = -(-shift * 8 // 6), (shift + len(word)) * 8 // 6
    return b64encode(bytes(shift) + word)[first:last]


async def test_everything_that_is_personal_was_told_and_is_read_by_who_may(kept: Kept) -> None:
    async with httpx.AsyncClient(
        headers=BEARER, base_url=kept.product.ledger, trust_env=False, verify=authorities()
    ) as client:
        for case, words in kept.told.items():
            path = "/v1/office/events" if case == "office" else f"/v1/cases/{case}/events"
            whole = (await client.get(f"{path}?unseal=true&purpose=AUDIT")).text
            # To whoever has no grant a restricted case is not there.
            assert set(found(words, whole)) == (set() if case == RESTRICTED else words), case
            assert found(kept.words, (await client.get(path)).text) == []


async def test_no_file_holds_any(kept: Kept) -> None:
    """Postgres with its write-ahead log, JetStream, the maildir and the logs, byte by byte."""
    async with kept.product.connection() as connection:
        await connection.execute("CHECKPOINT")
    needles, in_clear = spelled(kept.words), set[str]()
    for path in kept.directory.rglob("*"):
        if path.is_file():
            held = path.read_bytes()
            assert [needle for needle in needles if needle in held] == [], path
            if ADDRESSES[0].encode() in held:  # what is in clear is found so
                in_clear |= set(path.parts)
    assert in_clear >= {"postgres", "base", "pg_wal", "nats", "maildir"}


async def test_the_ledger_keeps_none_of_it_in_clear(kept: Kept) -> None:
    async with httpx.AsyncClient(
        headers=BEARER, base_url=kept.product.ledger, trust_env=False, verify=authorities()
    ) as client:
        replay = (await client.get("/v1/events")).text
    assert replay.count('"sealed":') >= len(kept.told)
    assert found([*kept.words, DECLINED], replay) == []


async def test_no_message_carries_any(kept: Kept) -> None:
    messages = kept.product.inbox.messages()
    assert len(messages) > 3  # the Team Manager, the raiser, and of the end
    for message in messages:
        assert found(kept.words, f"{message.as_string()}{message.get_content()}") == []


async def test_no_read_model_holds_any(kept: Kept) -> None:
    async with kept.product.connection() as connection:
        rows = await read_model(connection)
    del rows["history"]  # the ledger's own documents
    assert rows["timeline"]
    assert found(kept.words, str(rows)) == []


async def test_no_answer_carries_any(kept: Kept) -> None:
    """Every GET route of every service."""
    product, asked = kept.product, 0
    async with httpx.AsyncClient(headers=BEARER, trust_env=False, verify=authorities(), timeout=20) as client:
        for service in (product.ledger, product.projector, product.notifier):
            routes = (await client.get(f"{service}/openapi.json")).json()["paths"]
            for path in (path for path, methods in routes.items() if "get" in methods):
                for url in filled_in(path):
                    answer = await client.get(f"{service}{url}")
                    asked += answer.is_success
                    assert found(kept.words, answer.text) == [], url
                    if service != product.ledger:  # whose office's events have them, for messages to be sent
                        assert found(ADDRESSES, answer.text) == [], url
    assert asked > 50


# A case with an alert, one that is restricted, a child's, an adult's.
READ_OF = (CASE, RESTRICTED, *(f"of-{name}" for name in ("ChildDetailsCorrected", "LadoReferralReceived")))


def filled_in(path: str) -> list[str]:
    """A route with each parameter that the test knows values of; of others, one that is not there."""
    values = {"case_id": READ_OF, "alert_id": ("alert-1",)}
    name = path.partition("{")[2].partition("}")[0]
    if not name:
        return [path]
    return [path.replace(f"{{{name}}}", value) for value in values.get(name.partition(":")[0], ("1",))]


async def test_no_log_line_carries_any(kept: Kept) -> None:
    for name in ("ledger", "projector", "notifier"):
        log = kept.product.logs()[name]
        assert f'"service":"{name}"' in log
        assert found([*kept.words, *ADDRESSES, DECLINED], log) == [], name
