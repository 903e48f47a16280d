"""Put a projector process together and run it until it is told to stop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Final

import asyncpg
from nats.aio.client import Client

from services.projector import api, generations
from services.projector.consumer import Consumer
from services.projector.lag import LagGauge
from services.projector.projection import Projection
from services.projector.reader import Reader
from services.projector.settings import Settings
from services.runtime import health, launch, nats, postgres, web
from services.runtime.client import LedgerClient
from services.runtime.clock import clock_from
from services.runtime.follow import Follower
from services.runtime.health import Checkup, Health
from services.runtime.identity.bearer import token_of
from services.runtime.identity.following import Following, Place
from services.runtime.identity.needed import head_of
from services.runtime.identity.settings import authentication_of, links_of
from services.runtime.lifecycle import Background
from services.runtime.limits import Limits
from services.runtime.moment import Watermark
from services.runtime.postgres import Statements
from services.runtime.tls import certificate_of

SERVICE: Final = "projector"
READERS: Final = 8
READER: Final = "caseledger_reader"  # sees no table, but what of it may be seen
READING: Final = 10.0  # seconds that a statement, or a pause in a transaction, may take
WRITING: Final = 60.0  # as above, of a batch that touches many long histories
WITHOUT_STREAM: Final = (
    0.8  # seconds that it may take to see whether the projector gets on without the stream
)
LEDGER_PATIENCE: Final = 1.0  # seconds that a look at the ledger's head may take


async def main(settings: Settings, stop: asyncio.Event) -> None:
    """Serve until `stop` is set."""
    async with serve(settings):
        launch.spare_the_collector()
        await stop.wait()


@asynccontextmanager
async def serve(settings: Settings) -> AsyncIterator[str]:
    """A projector on HTTP while the body runs; gives its URL. What it was taking in is not kept."""
    clock = clock_from(settings.clock, environment=settings.environment)
    authentication = authentication_of(settings, clock)
    token = token_of(settings.token, settings.token_file)
    certificate = certificate_of(settings.tls_certificate, settings.tls_key)
    sql = postgres.load_sql("services.projector.sql")
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(reading_pool(settings.database_url))
        writing_pool = await stack.enter_async_context(_pool(settings.database_url, 1, WRITING))
        client = await stack.enter_async_context(
            nats.connection(settings.nats_url, name="caseledger projector")
        )
        ledger = await stack.enter_async_context(
            LedgerClient(settings.ledger_url, source="/projector", token=token, patience=LEDGER_PATIENCE)
        )
        projected = Watermark()
        follower = Follower(client, ledger)
        consumer = Consumer(settings.database_url, Projection(writing_pool, sql), follower, projected)
        reader = Reader(pool, sql, projected, clock)
        gauge = LagGauge(reader, ledger, clock)
        background = await stack.enter_async_context(Background())
        background.start("clock", clock.watch())
        background.start("consumer", consumer.run())
        following = Following(authentication, partial(_office_after, pool, sql), needed=await head_of(ledger))
        await following.refresh()
        background.start("keys", following.run())
        app = web.create_app(
            SERVICE,
            routes=api.routes(reader, gauge, clock),
            authentication=authentication,
            links=links_of(settings),
            limits=Limits(settings.rate_limit, settings.stream_limit),
            clock=clock,
            checks={
                "database": _schema_of(pool, sql),
                "stream": _stream_of(client, consumer=consumer.check, lag=gauge.check_lag),
                "consumer": consumer.check,
                "lag": gauge.check_lag,
                "parked": gauge.check_parked,
            },
        )
        async with web.serve(app, settings.host, settings.port, certificate=certificate) as served_at:
            yield served_at


def reading_pool(url: str) -> AbstractAsyncContextManager[asyncpg.Pool]:
    """The connections that answers are read with: none of them sees a table."""
    return _pool(url, READERS, role=READER)


async def _office_after(pool: asyncpg.Pool, sql: Statements, place: Place) -> tuple[int, list[str]]:
    rows = await pool.fetch(sql["office_after"], place.position)
    return rows[0]["reached"] if rows else 0, [row["document"] for row in rows if row["document"] is not None]


@asynccontextmanager
async def _pool(
    url: str, size: int, seconds: float = READING, *, role: str = ""
) -> AsyncIterator[asyncpg.Pool]:
    pool = await postgres.connect_pool(
        url,
        application_name="caseledger projector",
        max_size=size,
        statement_timeout=seconds,
        idle_in_transaction_timeout=seconds,
        plan_each_time=bool(role),
        role=role,
        resets=bool(role),  # for whom a reader asks is set for the session
    )
    try:
        yield pool
    finally:
        pool.terminate()


def _schema_of(pool: asyncpg.Pool, sql: Statements) -> health.Check:
    async def check() -> Health:
        try:
            generation = await generations.live(pool, sql)
        except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError):
            return Health(ok=False, detail="has no read models; run `caseledger migrate`")
        return Health(ok=True, detail=f"answers; generation {generation.number} is live")

    return check


def _stream_of(client: Client, **enough: health.Check) -> health.Check:
    """A stream that is away is worth a warning, and no more while `enough` is well without it."""
    ask = health.of_nats(client)
    checkup = Checkup(enough, patience=WITHOUT_STREAM)

    async def check() -> Health:
        found = await ask()
        if found.ok or not all(other.ok for other in (await checkup.report()).values()):
            return found
        return Health(ok=True, detail=f"{found.detail}; the ledger is read meanwhile", warning=True)

    return check
