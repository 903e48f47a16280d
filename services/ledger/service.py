"""Put a ledger process together and run it until it is told to stop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from typing import Final

import asyncpg

from services.domain.calendar import england_and_wales
from services.domain.office import OFFICE
from services.ledger import anchoring, api, erasure_api, evidence_api, keyholding, outside, reading, signing
from services.ledger.absence import UNMIGRATED
from services.ledger.anchorage import Anchorage
from services.ledger.announcements import Announcements
from services.ledger.appender import Appender
from services.ledger.appends import Appends
from services.ledger.batcher import Batcher
from services.ledger.cases import Cases
from services.ledger.commits import Commits
from services.ledger.datakeys import DataKeys
from services.ledger.dedicated import Dedicated
from services.ledger.erasing import Erasing
from services.ledger.evidence_api import Evidence
from services.ledger.looks import Looks
from services.ledger.reading import Reader
from services.ledger.relay import Relay
from services.ledger.replay import Replay
from services.ledger.restrictions import Restrictions
from services.ledger.scrubbing import Scrubbing
from services.ledger.sealer import Sealer
from services.ledger.secrecy import Secrecy
from services.ledger.settings import Settings
from services.ledger.store import Store
from services.ledger.stream import Stream
from services.ledger.tree import Tree
from services.ledger.unsealing import Unsealing
from services.runtime import health, launch, nats, postgres, web
from services.runtime.clock import clock_from
from services.runtime.health import Health
from services.runtime.identity.authentication import Authentication
from services.runtime.identity.following import Following, Place
from services.runtime.identity.settings import authentication_of
from services.runtime.lifecycle import Background
from services.runtime.limits import Limits
from services.runtime.tls import certificate_of

SERVICE: Final = "ledger"
LOG_KEYS: Final = ("attempts",)
MOST_CACHED: Final = 50_000  # events that the kept cases were folded from
READERS: Final = 8
REPLAYERS: Final = 4
KEEPERS: Final = 4
HEAD_START: Final = 2.0  # seconds that a stop waits for the relay to publish what was acknowledged


async def main(settings: Settings, stop: asyncio.Event) -> None:
    """Serve until `stop` is set."""
    async with serve(settings):
        launch.spare_the_collector()
        await stop.wait()


@asynccontextmanager
async def serve(settings: Settings) -> AsyncIterator[str]:
    """A ledger on HTTP while the body runs; gives its URL.

    Leaving it finishes the requests in flight, so that what was taken is answered, before anything else ends.
    """
    clock = clock_from(settings.clock, environment=settings.environment)
    authentication = authentication_of(settings, clock)
    certificate = certificate_of(settings.tls_certificate, settings.tls_key)
    found = signing.keys_of(settings)
    named = anchoring.read(settings, found)
    key_encryption = keyholding.of(settings)
    statements = postgres.load_sql("services.ledger.sql")
    url = settings.database_url
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(_pool(url, READERS))
        keys_url = settings.keys_database_url or url
        keys_pool = pool if keys_url == url else await stack.enter_async_context(_pool(keys_url, KEEPERS))
        client = await stack.enter_async_context(nats.connection(settings.nats_url, name="caseledger ledger"))
        store = Store(pool, statements)
        commits = Commits(store)
        deciding = Dedicated(url, application_name="caseledger append")
        stack.push_async_callback(deciding.close)
        sealing = Dedicated(url, application_name="caseledger seal")
        stack.push_async_callback(sealing.close)
        client_outside = outside.client_of(stack)
        data_keys = DataKeys(keys_pool, statements, key_encryption.at_work(client_outside), clock)
        keys, giving = signing.at_work(found, client_outside)
        # The batcher reads on the connection that it appends on: it never does both at once.
        appender = Appender(deciding, statements["append_many"])
        batcher = Batcher(
            store=Store(deciding, statements),
            appender=appender,
            cases=Cases(MOST_CACHED),
            commits=commits,
            clock=clock,
            days=england_and_wales(),
            giving=giving,
        )
        # What scrubs looks on its own connection: whoever locks the keys keeps it waiting, and nobody else.
        upkeep = await stack.enter_async_context(_pool(keys_url, 1))
        relay, erasing, scrubbing = (
            Relay(url, store, Stream(client), commits),
            Erasing(pool, statements, data_keys, batcher),
            Scrubbing(keys_pool, keys_url, statements, clock, upkeep=upkeep),
        )
        background = await stack.enter_async_context(Background())
        office_keys = await _following(authentication, store, background)
        for name, work in {
            "clock": clock.watch(),
            "batcher": batcher.run(),
            "relay": relay.run(),
            "commits": commits.watch(),
            "data keys": data_keys.watch(keys_url),
            "erasures": erasing.run(),
            "scrubbing": scrubbing.run(),
        }.items():
            background.start(name, work)
        tree, anchorage = Tree(pool, statements), Anchorage(pool, statements)
        checks = {
            "database": _schema_of(store),
            "appends": appender.check,
            "stream": health.of_nats(client),
            "relay": relay.check,
            "data keys": data_keys.check,
            "erasures": erasing.check,
            "scrubbing": scrubbing.check,
        }
        if keys:
            sealer = Sealer(
                url=url,
                tree=Tree(sealing, statements),
                commits=commits,
                keyring=keys,
                announcements=Announcements(client),
                clock=clock,
            )
            background.start("sealer", sealer.run())
            checks["sealer"] = sealer.check
            anchors = anchoring.anchors(
                named,
                settings,
                sealer=sealer,
                tree=tree,
                anchorage=anchorage,
                client=client_outside,
                clock=clock,
            )
            for name, anchor in anchors.items():
                background.start(name, anchor.run())
                checks[name] = anchor.check
        stopping = asyncio.Event()
        reader = Reader(
            store=store,
            replay=Replay(await stack.enter_async_context(_pool(url, REPLAYERS, at_once=0)), statements),
            commits=commits,
            relay=relay,
            unsealing=Unsealing(data_keys, store.erased_at, Looks(batcher.submit).of),
            restrictions=Restrictions(store, clock),
            stopping=stopping,
        )
        app = web.create_app(
            SERVICE,
            routes=[
                *api.routes(Appends(batcher, Secrecy(data_keys), office_keys)),
                *erasure_api.routes(erasing, scrubbing),
                *reading.routes(reader),
                *evidence_api.routes(Evidence(tree, anchorage, keys)),
            ],
            authentication=authentication,
            limits=Limits(settings.rate_limit, settings.stream_limit),
            clock=clock,
            checks=checks,
            stop=stopping,
        )
        async with web.serve(app, settings.host, settings.port, certificate=certificate) as served_at:
            yield served_at
        with suppress(TimeoutError):
            await relay.published.wait_for(commits.head.value, timeout=HEAD_START)


@asynccontextmanager
async def _pool(url: str, size: int, *, at_once: int = 1) -> AsyncIterator[asyncpg.Pool]:
    pool = await postgres.connect_pool(
        url, application_name="caseledger ledger", min_size=at_once, max_size=size
    )
    try:
        yield pool
    finally:
        pool.terminate()


async def _following(authentication: Authentication, store: Store, background: Background) -> Following:
    """What keeps to the keys of the office's events; those recorded by now count already."""
    following = Following(authentication, partial(_office_after, store))
    await following.refresh()
    background.start("keys", following.run())
    return following


async def _office_after(store: Store, place: Place) -> tuple[int, list[str]]:
    return 0, await store.case_events(OFFICE, after_version=place.caseversion)


def _schema_of(store: Store) -> health.Check:
    async def check() -> Health:
        try:
            position = await store.head()
        except UNMIGRATED:
            return Health(ok=False, detail="has no ledger; run `caseledger migrate`")
        return Health(ok=True, detail=f"answers; the head is at {position}")

    return check
