"""Hold a product against everything that it promises of the events it acknowledged, whatever was done to it.

`audit` waits until all have settled, then looks at Postgres, at the stream, at the replay over HTTP, at the
read models and at the mail, each as it is on disk.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final, NamedTuple

import asyncpg
import httpx
import nats
from msgspec import Struct, json
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from services.projector.rebuild import rebuild
from services.runtime.tls import authorities
from services.stack import databases
from tests.support.load import Acknowledged
from tests.support.product import Product
from tests.support.tokens import BEARER, TOKEN

READ_MODEL: Final = (
    "case_status",
    "timeline",
    "alert",
    "notification",
    "team_held",
    "look",
    "parked",
    "history",
)
RUNGS: Final = (
    "PracticeAlertRaised",
    "EscalatedToServiceManager",
    "EscalatedToHeadOfService",
    "EscalatedToDirectorOfChildrensServices",
    "EscalatedToLscbChair",
)

Rows = dict[str, list[tuple[Any, ...]]]


class Stored(NamedTuple):
    """A row of `ledger.event`."""

    position: int
    case_id: str
    case_version: int
    document: bytes
    leaf: bytes


class Event(Struct, frozen=True):
    """What the audit reads of a document."""

    position: int
    id: str
    source: str
    type: str
    subject: str
    caseversion: int
    recordedat: str
    data: dict[str, Any]
    flags: str = ""


class Audited(Struct, frozen=True):
    """What was found, for a test that expects more than that it is sound."""

    events: list[Event]
    mails: Counter[str]

    def of(self, case_id: str, *types: str) -> list[Event]:
        """A case's events of some types, in order."""
        return [each for each in self.events if each.subject == case_id and each.type in types]


async def audit(product: Product, acknowledged: Iterable[Acknowledged] = ()) -> Audited:
    """Fails, saying what, unless everything holds."""
    head = await product.settle()
    stored = await _stored(product)
    events = [json.decode(each.document, type=Event) for each in stored]
    _check_the_order(stored, events, head)
    _check_what_was_acknowledged(events, acknowledged)
    documents = [each.document for each in stored]
    assert await _on_stream(product, head) == documents, "the stream is not the ledger"
    assert await _replayed(product) == documents, "the replay is not the ledger"
    _check_ladders(events)
    mails = _check_messages(product, events)
    await _check_the_read_model(product)
    return Audited(events, mails)


def _check_the_order(stored: Sequence[Stored], events: Sequence[Event], head: int) -> None:
    assert [each.position for each in stored] == list(range(1, head + 1)), "positions are not dense"
    versions: defaultdict[str, int] = defaultdict(int)
    for row, event in zip(stored, events, strict=True):
        versions[row.case_id] += 1
        assert row.case_version == event.caseversion == versions[row.case_id], f"version of {event}"
        assert (row.position, row.case_id) == (event.position, event.subject), f"place of {event}"
        assert row.leaf == sha256(b"\0" + row.document).digest(), f"leaf of {event}"
    ids = Counter((event.source, event.id) for event in events)
    assert max(ids.values(), default=1) == 1, f"appended twice: {ids.most_common(3)}"


def _check_what_was_acknowledged(events: Sequence[Event], acknowledged: Iterable[Acknowledged]) -> None:
    kept = {(event.source, event.id): event for event in events}
    for each in acknowledged:
        event = kept.get((each.event["source"], each.event["id"]))
        assert event is not None, f"acknowledged and lost: {each}"
        receipt = each.receipt
        assert event.subject == each.case_id
        assert event.type == each.event["type"]
        assert (event.position, event.caseversion, event.recordedat, event.flags) == (
            receipt.position,
            receipt.caseversion,
            receipt.recordedat,
            receipt.flags,
        ), f"{event} is not what the receipt says: {each}"


def _check_ladders(events: Iterable[Event]) -> None:
    """Nobody is passed twice, and nobody goes down."""
    reached: dict[tuple[str, str], int] = {}
    for event in events:
        if event.type not in RUNGS:
            continue
        alert = event.subject, event.data["alert_id"]
        rung = RUNGS.index(event.type)
        assert rung > reached.get(alert, -1), f"climbed to a rung that it had reached: {event}"
        reached[alert] = rung


def _check_messages(product: Product, events: Iterable[Event]) -> Counter[str]:
    """Whoever is said to have been told was; every attempt has one outcome, and success is the last."""
    outcomes: defaultdict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in events:
        if event.type in {"NotificationSent", "NotificationFailed"} and event.data.get("channel"):
            outcomes[event.data["notification_id"], event.data["channel"]].append(event)
    mails = Counter(str(message["X-Notification-Id"]) for message in product.inbox.messages())
    for (notification_id, channel), attempts in outcomes.items():
        counted = [each.data.get("attempt", 1) for each in attempts]
        assert counted == list(range(1, len(attempts) + 1)), f"counted wrongly: {attempts}"
        sent = [each.type == "NotificationSent" for each in attempts]
        assert not any(sent[:-1]), f"sent again after it was sent: {attempts}"
        assert not sent[-1] or channel != "EMAIL" or mails[notification_id], f"never sent: {attempts[-1]}"
    said = {notification_id for notification_id, _ in outcomes}
    assert set(mails) <= said, f"sent, and not in the ledger: {set(mails) - said}"
    return mails


async def _check_the_read_model(product: Product) -> None:
    before = await read_model(product)
    assert before["parked"] == [], f"parked: {before['parked']}"
    url = databases.login_as(product.database, databases.role_of("projector"))
    await rebuild(url, product.ledger, lambda _done, _all: None, token=TOKEN)
    after = await read_model(product)
    for table in READ_MODEL:
        assert before[table] == after[table], f"{table}: live is not as rebuilt"


async def read_model(product: Product) -> Rows:
    """Every row of the live generation, without its number."""
    async with product.connection() as connection:
        number = await connection.fetchval("SELECT number FROM projector.generation WHERE state = 'LIVE'")
        return {table: await _rows(connection, table, number) for table in READ_MODEL}


async def _rows(connection: asyncpg.Connection, table: str, generation: int) -> list[tuple[Any, ...]]:
    rows: list[Mapping[str, Any]] = await connection.fetch(
        f"SELECT * FROM projector.{table} WHERE generation = $1 ORDER BY case_id, position", generation
    )
    return [tuple(value for name, value in row.items() if name != "generation") for row in rows]


async def _stored(product: Product) -> list[Stored]:
    async with product.connection() as connection:
        rows = await connection.fetch(
            "SELECT position, case_id, case_version, convert_to(document, 'UTF8') AS document, leaf "
            "FROM ledger.event ORDER BY position"
        )
    return [Stored(*row) for row in rows]


async def _on_stream(product: Product, head: int) -> list[bytes]:
    """The messages from sequence 1 on; fails unless there are as many as positions."""
    client = await nats.connect(product.nats.url)
    try:
        jetstream = client.jetstream()
        info = await jetstream.stream_info("CASE_EVENTS")
        assert info.state.last_seq == head, f"the stream ends at {info.state.last_seq}, the ledger at {head}"
        config = ConsumerConfig(deliver_policy=DeliverPolicy.ALL, ack_policy=AckPolicy.NONE, mem_storage=True)
        pull = await jetstream.pull_subscribe("case.>", stream="CASE_EVENTS", config=config)
        messages: list[bytes] = []
        while len(messages) < head:
            for message in await pull.fetch(min(500, head - len(messages)), timeout=10):
                assert message.metadata.sequence.stream == len(messages) + 1
                messages.append(message.data)
        return messages
    finally:
        await client.close()


async def _replayed(product: Product) -> list[bytes]:
    async with httpx.AsyncClient(headers=BEARER, trust_env=False, verify=authorities(), timeout=60) as client:
        answer = await client.get(f"{product.ledger}/v1/events", headers={"Accept": "application/x-ndjson"})
        return answer.raise_for_status().content.splitlines()
