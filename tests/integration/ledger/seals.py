"""Sealers over real servers, documents to seal, and a check of all evidence that shares no code."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
from nats.js.errors import NotFoundError

from services.evidence.keyring import Keyring
from services.evidence.keys import Algorithm, Signer
from services.evidence.treehead import TreeHead
from services.ledger.announcements import Announcements
from services.ledger.commits import Commits
from services.ledger.dedicated import Dedicated
from services.ledger.sealer import Sealer
from services.ledger.store import Store
from services.ledger.tree import Tree, growths
from services.runtime import postgres
from services.runtime.clock import SystemClock
from tests.integration.ledger.ledgers import as_ledger, broker, connection
from tests.support import independent_verifier as independent
from tests.support.until import until

ORIGIN = "ledger.example/test"
SIGNER = Signer(ORIGIN, Algorithm.ED25519, b"t" * 32)
SECOND = Signer(ORIGIN, Algorithm.ML_DSA_44, b"t" * 32)
STRANGER = Signer(ORIGIN, Algorithm.ED25519, b"n" * 32)
KEYRING = Keyring((SIGNER,))
KEYS = [independent.read_key(str(SIGNER.verifier))]


class Sealing:
    """One sealer and what it works with; `commits` is told how far the ledger has come by `look`."""

    def __init__(self, url: str, on: Dedicated, announcements: Announcements, keyring: Keyring) -> None:
        self.tree = Tree(on, postgres.load_sql("services.ledger.sql"))
        self.commits = Commits(Store(on, postgres.load_sql("services.ledger.sql")))
        self.announcements = announcements
        self.sealer = Sealer(
            url=url,
            tree=self.tree,
            commits=self.commits,
            keyring=keyring,
            announcements=announcements,
            clock=SystemClock(),
        )


@contextlib.asynccontextmanager
async def sealing(owner_url: str, nats_url: str, keyring: Keyring = KEYRING) -> AsyncIterator[Sealing]:
    """A sealer that is not running yet, on connections of its own, which end with the body as in a crash."""
    url = as_ledger(owner_url)
    on = Dedicated(url, application_name="seal")
    async with broker(nats_url) as client:
        try:
            yield Sealing(url, on, Announcements(client), keyring)
        finally:
            on.drop()


async def fill(owner_url: str, count: int) -> int:
    """Append documents at once, as `append_many` stores them; gives the head."""
    async with connection(owner_url) as owner, owner.transaction():
        after: int = await owner.fetchval("SELECT position FROM ledger.head FOR UPDATE")
        numbers = range(after + 1, after + count + 1)
        await owner.execute(
            "SELECT ledger.insert_events($1, now(), $2, $3, $4, $5, $6, $7, $8, $9)",
            *(
                after,
                [f"fill-{n}" for n in numbers],
                [1] * count,
                ["/fill"] * count,
                [f"{n}" for n in numbers],
            ),
            *(["ContactReceived"] * count, [await owner.fetchval("SELECT now()")] * count, [b""] * count),
            [b'{"specversion":"1.0","id":"%d","n":"\xc3\xa9"}' % n for n in numbers],
        )
        await owner.execute("UPDATE ledger.head SET position = $1", after + count)
    return after + count


async def check(owner_url: str, keys: list[independent.Key] = KEYS) -> list[int]:
    """Check every document, tile and checkpoint; gives the sizes of the checkpoints."""
    async with connection(owner_url) as owner, owner.transaction(isolation="repeatable_read"):
        documents = await owner.fetch("SELECT position, document, leaf FROM ledger.event ORDER BY position")
        checkpoints = await owner.fetch("SELECT size, root, note FROM ledger.checkpoint ORDER BY size")
        rows = await owner.fetch("SELECT level, at, hashes FROM ledger.tile")
    leaves = [independent.leaf_of(n, row["document"].encode()) for n, row in enumerate(documents, 1)]
    assert leaves == [row["leaf"] for row in documents]
    for size, root, note in checkpoints:
        said = independent.check_checkpoint(note.encode(), ORIGIN, keys)
        assert said == (size, root) == (size, independent.root_over(leaves[:size]))
    last = checkpoints[-1]["size"] if checkpoints else 0
    independent.check_tiles({_path(*row): row["hashes"] for row in rows}, leaves[:last])
    return [row["size"] for row in checkpoints]


def _path(level: int, at: int, hashes: bytes) -> str:
    width = len(hashes) // 32
    assert at < 1_000
    return f"tile/{level}/{at:03d}" + (f".p/{width}" if width < 256 else "")


@contextlib.asynccontextmanager
async def tampering(owner_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A superuser to whom no trigger and no constraint objects."""
    async with connection(owner_url) as owner:
        for table in ("event", "head", "tile", "checkpoint"):
            await owner.execute(f"ALTER TABLE ledger.{table} DISABLE TRIGGER ALL")
        try:
            yield owner
        finally:
            for table in ("event", "head", "tile", "checkpoint"):
                await owner.execute(f"ALTER TABLE ledger.{table} ENABLE TRIGGER ALL")


async def prepared(sealing: Sealing, ask: int) -> Any:
    """All of a round but the last step, for so many events."""
    last = await sealing.tree.last()
    old = last.size if last else 0
    edge = await sealing.tree.frontier(old)
    grown = edge.extend((await sealing.tree.unsealed(old, ask)).leaves)
    head = TreeHead(ORIGIN, edge.size, edge.root())
    note = (await KEYRING.sign(head, 0)).encode().decode()
    return sealing.tree.grow(old, head, note, SystemClock().now(), growths(old, grown))


@contextlib.asynccontextmanager
async def running(sealing: Sealing) -> AsyncIterator[Sealing]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(sealing.sealer.run())]
        yield sealing
        for task in tasks:
            task.cancel()


async def seal(owner_url: str, nats_url: str, head: int, keyring: Keyring = KEYRING) -> None:
    """Run a sealer until it has sealed and announced everything up to `head`."""
    async with sealing(owner_url, nats_url, keyring) as one, running(one):
        one.commits.head.advance(head)
        await one.sealer.sealed.wait_for(head, timeout=20)
        await until(lambda: announced(nats_url, head))


async def announced(nats_url: str, size: int) -> bool:
    async with broker(nats_url) as client:
        try:
            note = (await client.jetstream().get_last_msg("LEDGER_CHECKPOINTS", "ledger.checkpoint")).data
        except NotFoundError:
            return False
    assert note is not None
    return independent.check_checkpoint(note, ORIGIN, KEYS)[0] == size


async def refusal(owner_url: str, nats_url: str, head: int, keyring: Keyring = KEYRING) -> str:
    """What a sealer says that refuses to go on."""
    before = await sizes(owner_url)
    async with sealing(owner_url, nats_url, keyring) as one, running(one):
        one.commits.head.advance(head)
        await until(lambda: "Nothing is sealed" in one.sealer.health.detail)
        assert not (await one.sealer.check()).ok
        detail = one.sealer.health.detail
    assert await sizes(owner_url) == before
    return detail


async def sizes(owner_url: str) -> list[int]:
    async with connection(owner_url) as owner:
        rows = await owner.fetch("SELECT size FROM ledger.checkpoint ORDER BY size")
    return [row["size"] for row in rows]
