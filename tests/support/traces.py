"""What a product leaves: its rows and read models in Postgres, its stream, its replay, as they are now."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any, Final, NamedTuple

import asyncpg
import nats
from msgspec import Struct, json
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, StreamInfo
from nats.js.client import JetStreamContext

from services.projector.computation import TABLES
from tests.support.product import Product

READ_MODEL: Final = (*(table.name for table in TABLES), "history")
HISTORY: Final = "position, case_id, document"
STREAM: Final = "CASE_EVENTS"

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
    """What is looked at of a document."""

    position: int
    id: str
    source: str
    type: str
    subject: str
    caseversion: int
    recordedat: str
    data: dict[str, Any]
    flags: str = ""


async def stored(connection: asyncpg.Connection, after: int) -> list[Row]:
    """The ledger's rows after a position. Fails on a leaf that is not its document's."""
    found = await connection.fetch(
        "SELECT position, case_id, case_version, convert_to(document, 'UTF8') AS document, leaf "
        "FROM ledger.event WHERE position > $1 ORDER BY position",
        after,
    )
    rows = [Row(*row) for row in found]
    for row in rows:
        assert row.leaf == sha256(b"\0" + row.document).digest(), f"leaf of {row.document!r}"
    return rows


async def digest(connection: asyncpg.Connection, after: int, until: int) -> str:
    """One number for all that the ledger has between two positions."""
    return str(
        await connection.fetchval(
            "SELECT encode(sha256(coalesce(string_agg(convert_to(document, 'UTF8') || leaf, '' "
            "ORDER BY position), '')), 'hex') FROM ledger.event WHERE position > $1 AND position <= $2",
            after,
            until,
        )
    )


async def read_model(connection: asyncpg.Connection, case_ids: Collection[str] | None = None) -> Rows:
    """Every row of the live generation, or those of some cases, without its number."""
    only = None if case_ids is None else list(case_ids)
    number = await connection.fetchval("SELECT number FROM projector.generation WHERE state = 'LIVE'")
    return {table: await _rows(connection, table, number, only) for table in READ_MODEL}


async def _rows(
    connection: asyncpg.Connection, table: str, generation: int, case_ids: list[str] | None
) -> list[tuple[Any, ...]]:
    rows = await connection.fetch(
        f"SELECT {_columns_of(table)} FROM projector.{table} "
        "WHERE generation = $1 AND ($2::text[] IS NULL OR case_id = ANY($2)) ORDER BY 1, 2",
        generation,
        case_ids,
    )
    return [tuple(row) for row in rows]


async def digest_of_models(
    connection: asyncpg.Connection, *, without: Collection[str] = ()
) -> dict[str, str | None]:
    """One number a table for all rows of the live generation, but for those of some cases."""
    number = await connection.fetchval("SELECT number FROM projector.generation WHERE state = 'LIVE'")
    found: dict[str, str | None] = {}
    for table in READ_MODEL:
        found[table] = await connection.fetchval(
            "SELECT encode(sha256(convert_to(string_agg(row::text, '' ORDER BY row::text), 'UTF8')), 'hex') "
            f"FROM (SELECT {_columns_of(table)} FROM projector.{table} "
            "WHERE generation = $1 AND case_id <> ALL($2)) AS row",
            number,
            list(without),
        )
    return found


def _columns_of(table: str) -> str:
    return next((", ".join(each.columns) for each in TABLES if each.name == table), HISTORY)


@asynccontextmanager
async def stream_of(product: Product) -> AsyncIterator[tuple[JetStreamContext, StreamInfo]]:
    """The product's stream, and what NATS says of it."""
    client = await nats.connect(product.nats.url)
    try:
        jetstream = client.jetstream()
        yield jetstream, await jetstream.stream_info(STREAM)
    finally:
        await client.close()


async def messages(jetstream: JetStreamContext, after: int, until: int) -> list[bytes]:
    """What the stream has between two sequences. Fails where one is missing."""
    config = ConsumerConfig(
        deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
        opt_start_seq=after + 1,
        ack_policy=AckPolicy.NONE,
        mem_storage=True,
    )
    pull = await jetstream.pull_subscribe("case.>", stream=STREAM, config=config)
    found: list[bytes] = []
    while (reached := after + len(found)) < until:
        for message in await pull.fetch(min(500, until - reached), timeout=10):
            assert message.metadata.sequence.stream == after + len(found) + 1
            found.append(message.data)
    return found


async def replay(product: Product, after: int) -> list[bytes]:
    """What the ledger replays after a position."""
    async with product.client(product.ledger) as client:
        answer = await client.get(f"/v1/events?after={after}", headers={"Accept": "application/x-ndjson"})
        return answer.raise_for_status().content.splitlines()
