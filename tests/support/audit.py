"""Hold a product against everything that it promises of the events it acknowledged, whatever was done to it.

`audit` waits until all have settled, then looks at Postgres, at the stream, at the replay over HTTP, at the
read models and at the mail, each as it is on disk. It goes on where the product's last audit ended; what that
one has read must still be there, byte by byte. When the `whole` is asked for, everything is read again.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from hashlib import sha256
from typing import Any, Final
from weakref import WeakKeyDictionary

import asyncpg
from msgspec import Struct, field

from services.domain.office import OFFICE
from services.projector.computation import TABLES, Stored, compute
from services.projector.rebuild import rebuild
from services.stack import databases
from tests.support.load import Acknowledged
from tests.support.product import Product
from tests.support.tokens import TOKEN
from tests.support.traces import (
    READ_MODEL,
    Event,
    Row,
    digest,
    digest_of_models,
    messages,
    read_model,
    replay,
    stored,
    stream_of,
)

OUTCOMES: Final = frozenset({"NotificationSent", "NotificationFailed"})
RUNGS: Final = (
    "PracticeAlertRaised",
    "EscalatedToServiceManager",
    "EscalatedToHeadOfService",
    "EscalatedToDirectorOfChildrensServices",
    "EscalatedToLscbChair",
)


class Audited(Struct, frozen=True):
    """What was found, for a test that expects more than that it is sound.

    `events` are all but those that were taken as sound.
    """

    events: list[Event]
    mails: Counter[str]

    def of(self, case_id: str, *types: str) -> list[Event]:
        """A case's events of some types, in order."""
        return [each for each in self.events if each.subject == case_id and each.type in types]


class Known(Struct):
    """What the audits of a product have read by now, each going on where the one before it ended."""

    sound: int = 0
    """The position up to which all was taken as sound."""
    sound_digest: str = ""
    sound_models: dict[str, str | None] = field(default_factory=dict)
    head: int = 0
    digest: Any = field(default_factory=sha256)
    """Of everything that was read since."""
    versions: dict[str, int] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    by_id: dict[tuple[str, str], Event] = field(default_factory=dict)
    rungs: dict[tuple[str, str], int] = field(default_factory=dict)
    attempts: dict[tuple[str, str], list[Event]] = field(default_factory=dict)
    mails: dict[str, str] = field(default_factory=dict)
    """The notification that each file of the maildir is about."""
    stream: object = None
    """When the stream was made; another one is read from its beginning."""


_known: WeakKeyDictionary[Product, Known] = WeakKeyDictionary()


async def take_as_sound(product: Product) -> None:
    """What the product has by now is read again with the whole only: it is a copy of what was audited."""
    async with product.connection() as connection:
        cases = await connection.fetch(
            "SELECT case_id, max(case_version), max(position) FROM ledger.event GROUP BY case_id"
        )
        head = max(position for _, _, position in cases)
        async with stream_of(product) as (_, made):
            pass
        _known[product] = Known(
            sound=head,
            sound_digest=await digest(connection, 0, head),
            sound_models=await digest_of_models(connection),
            head=head,
            versions={case_id: version for case_id, version, _ in cases},
            stream=made.created,
        )


async def audit(
    product: Product,
    acknowledged: Iterable[Acknowledged] = (),
    *,
    whole: bool = False,
    rebuilt: bool = False,
) -> Audited:
    """Fails, saying what, unless everything holds.

    With `whole` also what was known; with `rebuilt` the read models are computed anew from all events.
    """
    head = await product.settle()
    known = _known.setdefault(product, Known())
    async with product.connection() as connection:
        await _check_what_was_known(connection, known)
        fresh = await stored(connection, known.head)
        touched = _check_the_order(known, fresh, head)
        _check_what_was_acknowledged(known, acknowledged)
        if whole:
            await _check_what_was_sound(connection, known)
            touched = {event.subject for event in known.events}
            fresh = await stored(connection, 0)
            _check_the_order(Known(), fresh, head)
        documents = [row.document for row in fresh]
        await _check_the_stream(product, connection, known, documents)
        assert await replay(product, head - len(documents)) == documents, "the replay is not the ledger"
        mails = _check_messages(product, known)
        if rebuilt:
            await _check_what_is_rebuilt(product, connection)
        else:
            await _check_what_was_touched(connection, touched - {OFFICE})
    return Audited(known.events, mails)


async def _check_what_was_known(connection: asyncpg.Connection, known: Known) -> None:
    kept = await digest(connection, known.sound, known.head)
    assert kept == known.digest.hexdigest(), "what was there has changed"


async def _check_what_was_sound(connection: asyncpg.Connection, known: Known) -> None:
    if known.sound:
        touched = {event.subject for event in known.events}
        assert await digest(connection, 0, known.sound) == known.sound_digest, "what was sound has changed"
        models = await digest_of_models(connection, without=touched)
        assert models == known.sound_models, "what nobody touched is shown otherwise"


def _check_the_order(known: Known, fresh: Sequence[Row], head: int) -> set[str]:
    """Take what is new for known, if it goes on where that ends; gives its cases."""
    positions = [row.position for row in fresh]
    assert positions == list(range(known.head + 1, head + 1)), "positions are not dense"
    for row in fresh:
        event = row.event
        known.versions[row.case_id] = version = known.versions.get(row.case_id, 0) + 1
        assert row.case_version == event.caseversion == version, f"version of {event}"
        assert (row.position, row.case_id) == (event.position, event.subject), f"place of {event}"
        assert (event.source, event.id) not in known.by_id, f"appended twice: {event}"
        known.by_id[event.source, event.id] = event
        known.events.append(event)
        known.digest.update(row.document + row.leaf)
        _check_the_ladder(known, event)
        if event.type in OUTCOMES and event.data.get("channel"):
            told = event.data["notification_id"], event.data["channel"]
            known.attempts.setdefault(told, []).append(event)
    known.head = head
    return {row.case_id for row in fresh}


def _check_the_ladder(known: Known, event: Event) -> None:
    """Nobody is passed twice, and nobody goes down."""
    if event.type not in RUNGS:
        return
    alert = event.subject, event.data["alert_id"]
    rung = RUNGS.index(event.type)
    assert rung > known.rungs.get(alert, -1), f"climbed to a rung that it had reached: {event}"
    known.rungs[alert] = rung


def _check_what_was_acknowledged(known: Known, acknowledged: Iterable[Acknowledged]) -> None:
    for each in acknowledged:
        event = known.by_id.get((each.event["source"], each.event["id"]))
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


def _check_messages(product: Product, known: Known) -> Counter[str]:
    """Whoever is said to have been told was; every attempt has one outcome, and success is the last."""
    for key in product.inbox.arrived():
        if key not in known.mails:
            known.mails[key] = str(product.inbox.read(key)["X-Notification-Id"])
    mails = Counter(known.mails.values())
    for (notification_id, channel), attempts in known.attempts.items():
        counted = [each.data.get("attempt", 1) for each in attempts]
        assert counted == list(range(1, len(attempts) + 1)), f"counted wrongly: {attempts}"
        sent = [each.type == "NotificationSent" for each in attempts]
        assert not any(sent[:-1]), f"sent again after it was sent: {attempts}"
        assert not sent[-1] or channel != "EMAIL" or mails[notification_id], f"never sent: {attempts[-1]}"
    said = {notification_id for notification_id, _ in known.attempts}
    assert set(mails) <= said, f"sent, and not in the ledger: {set(mails) - said}"
    return mails


async def _check_the_stream(
    product: Product, connection: asyncpg.Connection, known: Known, documents: Sequence[bytes]
) -> None:
    """There is a message for each position, and the last ones are `documents`; all, if it was made anew."""
    async with stream_of(product) as (jetstream, info):
        state = info.state
        assert (state.first_seq, state.last_seq, state.messages) == (1, known.head, known.head), f"{state}"
        if info.created != known.stream:
            known.stream, documents = info.created, [row.document for row in await stored(connection, 0)]
        found = await messages(jetstream, known.head - len(documents), known.head)
        assert found == documents, "the stream is not the ledger"


async def _check_what_was_touched(connection: asyncpg.Connection, touched: Collection[str]) -> None:
    """The live rows of these cases are what the views make of their histories."""
    histories: dict[str, list[Stored]] = {}
    for case_id, *document in await connection.fetch(
        "SELECT case_id, position, document FROM ledger.event WHERE case_id = ANY($1) ORDER BY position",
        list(touched),
    ):
        histories.setdefault(case_id, []).append(Stored(*document))
    computed = [compute(case_id, history) for case_id, history in histories.items()]
    live = await read_model(connection, touched)
    for nth, table in enumerate(TABLES):
        wanted = sorted((tuple(record) for each in computed for record in each.records[nth]), key=_place)
        assert sorted(live[table.name], key=_place) == wanted, f"{table.name}: live is not as computed"
    assert live["parked"] == [], f"parked: {live['parked']}"


def _place(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return row[:2]


async def _check_what_is_rebuilt(product: Product, connection: asyncpg.Connection) -> None:
    before = await read_model(connection)
    assert before["parked"] == [], f"parked: {before['parked']}"
    url = product.postgres.url_of(databases.NAME, databases.role_of("projector"))
    await rebuild(url, product.ledger, lambda _done, _all: None, token=TOKEN)
    after = await read_model(connection)
    for table in READ_MODEL:
        assert before[table] == after[table], f"{table}: live is not as rebuilt"
