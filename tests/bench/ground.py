"""What is measured: real processes on a real disk, gone afterwards."""

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx

from services.runtime import migrations
from services.runtime.tls import authorities
from services.stack import databases, keeping, signing
from services.stack.child import Child, python_environment, python_module, spawn
from services.stack.layout import Layout, Urls
from services.stack.nats import Nats
from services.stack.ports import free_port
from services.stack.postgres import Postgres
from services.stack.service import LEDGER, Service
from services.stack.settings import REAL_CLOCK, Settings
from services.stack.stack import Stack
from tests.bench.drivers import ROOT, Driver
from tests.support import tokens
from tests.support.tokens import BEARER

BUILD = ROOT / "build" / "bench"
"""Where everything lies: the checkout's own disk. In a file system in memory an fsync would cost nothing."""

POLL = 0.05  # seconds
CAUGHT_UP = """
    SELECT head.position = LEAST(checkpoint.position, live.position)
    FROM ledger.head, notifier.checkpoint, projector.generation live WHERE live.state = 'LIVE'
"""

BULK_CONNECTIONS = 4
BULK_LINES = 1_000
BULK_EVENTS_A_CASE = 20


@dataclass(frozen=True, slots=True)
class Ledger:
    """A ledger with its Postgres and its NATS, and nothing that reads from it: what appends cost alone."""

    url: str
    postgres: Postgres
    pid: int
    keys: Path  # the file of the key that it signs with, if it does

    @property
    def database_url(self) -> str:
        """The owner's."""
        return self.postgres.url_of(databases.NAME)

    async def settle(self) -> None:
        """Return when everything appended is published: one side's leftovers are not the other's burden."""
        async with httpx.AsyncClient(
            headers=BEARER, trust_env=False, verify=authorities(), timeout=60
        ) as client:
            while True:
                head = (await client.get(f"{self.url}/v1/head")).json()
                if head["published"] == head["position"]:
                    return
                await asyncio.sleep(POLL)

    async def posts(
        self, driver: Driver, *, clients: int, size: int, seconds: float, words: int | None = None
    ) -> float:
        """Post for some seconds; gives the events a second, and leaves nothing to be published.

        With `words`, all are contacts, with so many characters that are personal.
        """
        job = {"url": self.url, "connections": clients, "size": size, "seconds": seconds, "words": words}
        rate = await driver.events_per_second("posts", **job)
        await self.settle()
        return rate

    async def position(self) -> int:
        """The head."""
        async with httpx.AsyncClient(
            headers=BEARER, trust_env=False, verify=authorities(), timeout=60
        ) as client:
            return int((await client.get(f"{self.url}/v1/head")).json()["position"])


@contextlib.contextmanager
def directory() -> Iterator[Path]:
    """A directory on the checkout's disk, removed afterwards."""
    BUILD.mkdir(parents=True, exist_ok=True)
    path = Path(tempfile.mkdtemp(prefix="run-", dir=BUILD))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


async def bulk(url: str, driver: Driver, *, events: int) -> float:
    """Append so many events to a ledger as fast as may be; gives the events a second."""
    job = {"url": url, "connections": BULK_CONNECTIONS, "size": BULK_LINES}
    cases = max(1, events // BULK_CONNECTIONS // BULK_EVENTS_A_CASE)
    return await driver.events_per_second("bulk", requests=events // BULK_LINES, cases=cases, **job)


def stack(path: Path, clock: str = REAL_CLOCK) -> Stack:
    """The whole product, on free ports, its data in `path`."""
    tokens.provide(path)
    settings = Settings(clock=clock, log_format="json")
    return Stack(Layout(path), settings, ports={}, digests=False)  # as `demo --year` has it


async def caught_up(urls: Urls) -> None:
    """Return when the read models and the notifier have everything that the ledger has."""
    connection = await asyncpg.connect(urls.database)
    try:
        while not await connection.fetchval(CAUGHT_UP):  # noqa: ASYNC110 -- other processes move it
            await asyncio.sleep(POLL)
    finally:
        await connection.close()


@contextlib.asynccontextmanager
async def ledger(path: Path, *, signed: bool = False, guarded: bool = True) -> AsyncIterator[Ledger]:
    """One ledger process on a Postgres that syncs every commit; with a key it seals and signs receipts.

    One that is not `guarded` authenticates nobody.
    """
    path.mkdir(exist_ok=True)  # noqa: ASYNC240 -- nothing is being measured yet
    keys = path / "signing.key"
    async with (
        Postgres(path / "postgres", fsync=True) as postgres,
        Nats(path / "nats", fsync=False) as nats,  # as the stack runs it
    ):
        await databases.create_if_missing(postgres.url)
        await migrations.migrate(postgres.url_of(databases.NAME), LEDGER, "services.ledger.migrations")
        await migrations.migrate(postgres.url_of(databases.NAME), databases.KEYS, databases.KEY_MIGRATIONS)
        environment = {
            "CASELEDGER_DATABASE_URL": postgres.url_of(databases.NAME, databases.role_of(LEDGER)),
            "CASELEDGER_NATS_URL": nats.url,
            "CASELEDGER_KEY_ENCRYPTION_KEY_FILE": str(keeping.key_file(path / "key-encryption.key")),
            "CASELEDGER_LOG_FORMAT": "json",
            "CASELEDGER_AUTHENTICATION": "required" if guarded else "off",
            "CASELEDGER_CREDENTIALS_FILE": str(tokens.provide(path).credentials),
            "CASELEDGER_RATE_LIMIT": "1000000",  # counted, and never reached: one client posts for all
        }
        if signed:
            environment["CASELEDGER_SIGNING_KEY_FILE"] = str(signing.key_file(keys))
        log = path / "ledger.log"
        async with Service(LEDGER, environment, host="127.0.0.1", port=free_port(), log=log) as service:
            yield Ledger(service.url, postgres, service.child.pid, keys)


@contextlib.asynccontextmanager
async def noop(path: Path) -> AsyncIterator[str]:
    """The handler that does nothing; gives its URL."""
    port = free_port()
    argv = python_module("tests.bench.noop", str(port))
    child = spawn(argv, name="noop", log=path / "noop.log", env=python_environment(os.environ))
    try:
        await listening(child, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        await child.stop()


async def listening(child: Child, port: int) -> None:
    """Return when a process listens on its port."""
    async with asyncio.timeout(30):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            if not child.running:
                raise RuntimeError(f"{child.name} ended while starting: {child.last_words()}")
            await asyncio.sleep(POLL)
