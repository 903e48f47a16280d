"""Hold a product against everything that it promises of the events it acknowledged, whatever was done to it.

`audit` waits until all have settled, then looks at Postgres, at the stream, at the replay over HTTP, at the
read models and at the mail, each as it is on disk. What an earlier audit of the product has read must still
be there, byte by byte; when the `whole` is asked for, it is read again, and everything is rebuilt.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from hashlib import sha256
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary

import asyncpg
import httpx
import nats
from msgspec import Struct, json
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from services.domain.office import OFFICE
from services.projector.computation import TABLES, Stored, compute
from services.projector.rebuild import rebuild
from services.runtime.tls import authorities
from services.stack import databases
from tests.support.load import Acknowledged
from tests.support.product import Product
from tests.support.tokens import BEARER, TOKEN

READ_MODEL: Final = (*(table.name for table in TABLES), "history")
HISTORY: Final = "position, case_id, document"
RUNGS: Final = (
    "PracticeAlertRaised",
    "EscalatedToServiceManager",
    "EscalatedToHeadOfService",
    "EscalatedToDirectorOfChildrensServices",
    "EscalatedToLscbChair",
)

Rows = dict[str, list[tuple[Any, ...]]]


class Row(NamedTuple):
    """A row of `ledger.event`."""

    position: int
    case_id: str
    case_version: int
    document: bytes
    leaf: bytes

    @property
    def event(self) -> "Event":
        """The document, read."""
        return json.decode(self.document, type=Event)


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


class Known(Struct):
    """What the audits of a product have read by now."""

    rows: list[Row]
    events: list[Event]
    stream: object = None
    """When the stream was made; another one is read from its beginning."""


_known: WeakKeyDictionary[Product, Known] = WeakKeyDictionary()


async def take_as_sound(product: Product) -> None:
    """What the product has by now is not looked at again: it is a copy of what was audited."""
    rows = await _stored(product, 0)
    _known[product] = Known(rows, [row.event for row in rows], await _made_at(product))


async def audit(
    product: Product, acknowledged: Iterable[Acknowledged] = (), *, whole: bool = False
) -> Audited:
    """Fails, saying what, unless everything holds."""
    head = await product.settle()
    known = _known.setdefault(product, Known([], []))
    assert await _digest(product, len(known.rows)) == _digest_of(known.rows), "what was there has changed"
    fresh = await _stored(product, len(known.rows))
    known.rows += fresh
    known.events += [row.event for row in fresh]
    _check_the_order(known.rows, known.events, head)
    _check_what_was_acknowledged(known.events, acknowledged)
    since = 0 if whole else head - len(fresh)
    documents = [each.document for each in known.rows[since:]]
    await _check_the_stream(product, known, since)
    assert await _replayed(product, since) == documents, "the replay is not the ledger"
    _check_ladders(known.events)
    mails = _check_messages(product, known.events)
    if whole:
        await _check_the_read_model(product)
    else:
        await _check_what_was_touched(product, known.rows, {row.case_id for row in fresh} - {OFFICE})
    return Audited(known.events, mails)


def _check_the_order(stored: Sequence[Row], events: Sequence[Event], head: int) -> None:
    assert [each.position for each in stored] == list(range(1, head + 1)), "positions are not dense"
    versions: defaultdict[str, int] = defaultdict(int)
    for row, event in zip(stored, events, strict=True):
        versions[row.case_id] += 1
        assert row.case_version == event.caseversion == versions[row.case_id], f"version of {event}"
        assert (row.position, row.case_id) == (event.position, event.subject), f"place of {event}"
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


async def _check_what_was_touched(product: Product, rows: Sequence[Row], touched: Collection[str]) -> None:
    """The live rows of these cases are what the views make of their histories."""
    histories: defaultdict[str, list[Stored]] = defaultdict(list)
    for row in rows:
        if row.case_id in touched:
            histories[row.case_id].append(Stored(row.position, row.document.decode()))
    computed = [compute(case_id, history) for case_id, history in histories.items()]
    live = await read_model(product, touched)
    for nth, table in enumerate(TABLES):
        wanted = sorted((tuple(record) for each in computed for record in each.records[nth]), key=_place)
        assert sorted(live[table.name], key=_place) == wanted, f"{table.name}: live is not as computed"
    assert live["parked"] == [], f"parked: {live['parked']}"


def _place(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return row[:2]


async def _check_the_read_model(product: Product) -> None:
    before = await read_model(product)
    assert before["parked"] == [], f"parked: {before['parked']}"
    url = product.postgres.url_of(databases.NAME, databases.role_of("projector"))
    await rebuild(url, product.ledger, lambda _done, _all: None, token=TOKEN)
    after = await read_model(product)
    for table in READ_MODEL:
        assert before[table] == after[table], f"{table}: live is not as rebuilt"


async def read_model(product: Product, case_ids: Collection[str] | None = None) -> Rows:
    """Every row of the live generation, or those of some cases, without its number."""
    only = None if case_ids is None else list(case_ids)
    async with product.connection() as connection:
        number = await connection.fetchval("SELECT number FROM projector.generation WHERE state = 'LIVE'")
        return {table: await _rows(connection, table, number, only) for table in READ_MODEL}


async def _rows(
    connection: asyncpg.Connection, table: str, generation: int, case_ids: list[str] | None
) -> list[tuple[Any, ...]]:
    columns = next((", ".join(each.columns) for each in TABLES if each.name == table), HISTORY)
    rows = await connection.fetch(
        f"SELECT {columns} FROM projector.{table} "
        "WHERE generation = $1 AND ($2::text[] IS NULL OR case_id = ANY($2)) ORDER BY 1, 2",
        generation,
        case_ids,
    )
    return [tuple(row) for row in rows]


async def _stored(product: Product, after: int) -> list[Row]:
    async with product.connection() as connection:
        found = await connection.fetch(
            "SELECT position, case_id, case_version, convert_to(document, 'UTF8') AS document, leaf "
            "FROM ledger.event WHERE position > $1 ORDER BY position",
            after,
        )
    rows = [Row(*row) for row in found]
    for row in rows:
        assert row.leaf == sha256(b"\0" + row.document).digest(), f"leaf of {row.document!r}"
    return rows


async def _digest(product: Product, until: int) -> str:
    """One number for all that the ledger has up to a position."""
    async with product.connection() as connection:
        return str(
            await connection.fetchval(
                "SELECT encode(sha256(coalesce(string_agg(convert_to(document, 'UTF8') || leaf, '' "
                "ORDER BY position), '')), 'hex') FROM ledger.event WHERE position <= $1",
                until,
            )
        )


def _digest_of(rows: Iterable[Row]) -> str:
    summed = sha256()
    for row in rows:
        summed.update(row.document + row.leaf)
    return summed.hexdigest()


async def _check_the_stream(product: Product, known: Known, since: int) -> None:
    """There is a message for each position, and those after `since` are its documents."""
    head = len(known.rows)
    client = await nats.connect(product.nats.url)
    try:
        jetstream = client.jetstream()
        info = await jetstream.stream_info("CASE_EVENTS")
        state = info.state
        assert (state.first_seq, state.last_seq, state.messages) == (1, head, head), f"{head} are not {state}"
        after, known.stream = since if info.created == known.stream else 0, info.created
        config = ConsumerConfig(
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=after + 1,
            ack_policy=AckPolicy.NONE,
            mem_storage=True,
        )
        pull = await jetstream.pull_subscribe("case.>", stream="CASE_EVENTS", config=config)
        messages: list[bytes] = []
        while (reached := after + len(messages)) < head:
            for message in await pull.fetch(min(500, head - reached), timeout=10):
                assert message.metadata.sequence.stream == after + len(messages) + 1
                messages.append(message.data)
        assert messages == [row.document for row in known.rows[after:]], "the stream is not the ledger"
    finally:
        await client.close()


async def _made_at(product: Product) -> object:
    """When the stream was made."""
    client = await nats.connect(product.nats.url)
    try:
        return (await client.jetstream().stream_info("CASE_EVENTS")).created
    finally:
        await client.close()


async def _replayed(product: Product, after: int) -> list[bytes]:
    async with httpx.AsyncClient(headers=BEARER, trust_env=False, verify=authorities(), timeout=60) as client:
        answer = await client.get(
            f"{product.ledger}/v1/events?after={after}", headers={"Accept": "application/x-ndjson"}
        )
        return answer.raise_for_status().content.splitlines()
