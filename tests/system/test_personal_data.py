"""What is personal stays in the ledger: no message, read model, answer or log line of others carries it.

Every personal field of every event is filled with words of their own, which are then looked for elsewhere.
"""

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import httpx
import pytest
import pytest_asyncio
from msgspec import inspect

from services.domain.events import EVENT_TYPES, FACT_TYPES
from services.runtime.tls import authorities
from tests.support.audit import audit, read_model
from tests.support.load import HOLDERS, Writer, address_of, appointments
from tests.support.product import Product
from tests.support.samples import SAMPLES
from tests.support.samples_of_casework import TEXT
from tests.support.tokens import BEARER

pytestmark = pytest.mark.asyncio(loop_scope="module")

OPENING = datetime(2018, 6, 4, 8, tzinfo=UTC)  # a Monday after everything in the samples
CASE, ALERT = "case-1", {"alert_id": "alert-1"}

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
LEFT_TO_THE_LADDER = {"day0", "due_on", "cap_on", "calendar_version", "repeat_of"}


class Kept(NamedTuple):
    """A product that was told personal things, and the words that stand for them."""

    product: Product
    words: frozenset[str]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kept(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Kept]:
    async with Product(tmp_path_factory.mktemp("personal-data"), clock=OPENING) as product:
        async with Writer(product.ledger) as writer:
            words = await tell(writer, product)
            await mistype(product)
            await audit(product, writer.acknowledged)
        yield Kept(product, frozenset(words))


async def tell(writer: Writer, product: Product) -> set[str]:
    """Post every event that has something personal; gives the words used."""
    samples = {name: filled(name) for name in SAMPLES}
    words = {word for _, used in samples.values() for word in used}
    for event in appointments():
        event["data"]["name"] = "ZebedeeTheHolder"
        await writer.post("office", event)
    for name in FACT_TYPES & {name for name, (_, used) in samples.items() if used}:
        await writer.post(f"of-{name}", samples[name][0])
    for name in LADDER:
        await writer.post(CASE, samples[name][0])
        await product.settle()  # so that everybody is told of each
    (voided,) = await writer.post(CASE, {"type": "ContactReceived", "data": {"contact_id": "in-error"}})
    data = {"target_event_id": voided.receipt.id, "reason": "ZebedeeTheError"}
    await writer.post(CASE, {"type": "EventVoided", "data": data})
    await product.advance(OPENING + timedelta(days=3))
    return {*words, "ZebedeeTheHolder", "ZebedeeTheError"} - {DECLINED}


DECLINED = "ZebedeeTheDeclined"


async def mistype(product: Product) -> None:
    """Post what the ledger declines, with a personal word in it."""
    bodies = [
        f'{{"type":"ContactReceived","data":{{"contact_id":"c","summary":"{DECLINED}","{DECLINED}":1}}}}',
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


def filled(name: str) -> tuple[dict[str, Any], set[str]]:
    """A sample event with a word of its own in each personal text, and what in it is personal."""
    data = {key: value for key, value in SAMPLES[name].items() if key not in LEFT_TO_THE_LADDER}
    words: set[str] = set()
    return {"type": name, "data": _fill(inspect.type_info(EVENT_TYPES[name]), data, name, words)}, words


def _fill(kind: inspect.Type, value: Any, name: str, words: set[str]) -> Any:
    match kind:
        case inspect.Metadata(extra={"personal": _}) if isinstance(value, str):
            return _personal(value, name, words)
        case inspect.Metadata(type=inner):
            return _fill(inner, value, name, words)
        case inspect.UnionType(types=types):
            for each in types:
                value = _fill(each, value, name, words)
        case inspect.StructType(fields=fields) if isinstance(value, dict):
            types_by_name = {each.encode_name: each.type for each in fields}
            return {key: _fill(types_by_name[key], each, name, words) for key, each in value.items()}
        case inspect.VarTupleType(item_type=item) if isinstance(value, list):
            return [_fill(item, each, name, words) for each in value]
    return value


def _personal(value: str, name: str, words: set[str]) -> str:
    """Free text gives way to a word that stands nowhere else; a date of birth cannot be looked for."""
    if value == TEXT:
        value = f"Zebedee{name}{len(words)}"
    if not value[:4].isdecimal():
        words.add(value)
    return value


def found(words: Iterable[str], where: str) -> list[str]:
    return [word for word in words if word in where]


async def test_the_ledger_keeps_none_of_it_in_clear(kept: Kept) -> None:
    async with httpx.AsyncClient(
        headers=BEARER, base_url=kept.product.ledger, trust_env=False, verify=authorities()
    ) as client:
        replay = (await client.get("/v1/events")).text
    assert replay.count('"sealed":') > 10
    assert found([*kept.words, DECLINED], replay) == []


async def test_no_message_carries_any(kept: Kept) -> None:
    messages = kept.product.inbox.messages()
    assert len(messages) > 3  # the Team Manager, the raiser, and of the end
    for message in messages:
        assert found(kept.words, f"{message.as_string()}{message.get_content()}") == []


async def test_no_read_model_holds_any(kept: Kept) -> None:
    rows = await read_model(kept.product)
    del rows["history"]  # the ledger's own documents
    assert rows["timeline"]
    assert found(kept.words, str(rows)) == []


ADDRESSES = [address_of(holder) for holder in HOLDERS.values()]


async def test_no_answer_of_projector_or_notifier_carries_any(kept: Kept) -> None:
    projector, notifier = kept.product.projector, kept.product.notifier
    async with httpx.AsyncClient(headers=BEARER, trust_env=False, verify=authorities()) as client:
        cases = (await client.get(f"{projector}/v1/cases?limit=200")).json()["items"]
        urls = [
            *(
                f"{projector}/v1/cases/{case['case_id']}{part}"
                for case in cases
                for part in ("", "/timeline")
            ),
            *(
                f"{projector}/v1/{path}"
                for path in ("cases", "alerts", "alerts/alert-1", "notifications", "lag")
            ),
            *(f"{notifier}/v1/{path}" for path in ("deliveries", "windows")),
            *(f"{url}/readyz" for url in (projector, notifier)),
        ]
        for url in urls:
            assert found([*kept.words, *ADDRESSES], (await client.get(url)).text) == [], url


async def test_no_log_line_carries_any(kept: Kept) -> None:
    for name in ("ledger", "projector", "notifier"):
        log = kept.product.logs()[name]
        assert f'"service":"{name}"' in log
        assert found([*kept.words, *ADDRESSES, DECLINED], log) == [], name
