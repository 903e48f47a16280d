"""One sealed ledger that every drill gets a copy of, what may be kept of it, and how a copy is verified."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import asyncpg

from services.evidence import note, tiles, treehead
from services.evidence.keys import Signer
from services.ledger.verification import Kept, Verification, Verified, Wrong
from services.runtime import postgres
from tests.integration.ledger import ledgers
from tests.integration.ledger.ledgers import Ledger, connection, contact
from tests.integration.ledger.seals import SIGNER
from tests.support import independent_verifier as independent
from tests.support.until import until

SMALL: Final = 30  # each a post, and a checkpoint, of its own
BULK: Final = 600
ALL: Final = SMALL + BULK

STATEMENTS: Final = postgres.load_sql("services.ledger.sql")


class Prepared(NamedTuple):
    """A sealed ledger on which nothing runs any more, and its checkpoints by size."""

    owner_url: str
    checkpoints: dict[int, str]

    def kept(self, size: int, time: int = 0) -> Kept:
        """The checkpoint of a size, as one that somebody kept."""
        return Kept(treehead.parse(note.parse(self.checkpoints[size].encode()).text), "the one kept", time)


async def prepare(owner_url: str, nats_url: str, small: int = SMALL, bulk: int = BULK) -> Prepared:
    """Fill and seal a ledger. `SEAL_EVERY` is to be 0."""
    async with ledgers.ledger(owner_url, nats_url, signing_key=SIGNER.written()) as ledger:
        for n in range(1, small + 1):
            await ledger.post(f"case-{n % 7}", contact(f"{n:04d}"))
            await sealed(ledger, n)
        await ledger.post("case-bulk", *(contact(f"{n:04d}") for n in range(small + 1, small + bulk + 1)))
        await sealed(ledger, small + bulk)
    return Prepared(owner_url, await checkpoints(owner_url))


async def sealed(ledger: Ledger, size: int) -> None:
    """Return when the last checkpoint is of that size."""

    async def covers() -> bool:
        return (await ledger.http.get("/v1/checkpoint")).text.split("\n")[1:2] == [str(size)]

    await until(covers)


async def checkpoints(owner_url: str) -> dict[int, str]:
    """Every checkpoint that a database has, by size."""
    async with connection(owner_url) as owner:
        return dict(await owner.fetch("SELECT size, note FROM ledger.checkpoint"))


async def copy(owner_url: str, name: str) -> str:
    """Another database of the same server with the same content; gives its URL."""
    source = urlsplit(owner_url).path[1:]
    async with connection(beside(owner_url, "postgres")) as owner:
        while True:
            with contextlib.suppress(asyncpg.ObjectInUseError):  # connections that are still ending
                await owner.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
                return beside(owner_url, name)
            await asyncio.sleep(0.01)


async def drop(owner_url: str) -> None:
    """Drop a copy."""
    async with connection(beside(owner_url, "postgres")) as owner:
        await owner.execute(f'DROP DATABASE "{urlsplit(owner_url).path[1:]}" WITH (FORCE)')


def beside(owner_url: str, name: str) -> str:
    """The URL of another database of the same server."""
    return urlsplit(owner_url)._replace(path=f"/{name}").geturl()


@contextlib.asynccontextmanager
async def tampering(owner_url: str, *statements: str) -> AsyncIterator[asyncpg.Connection]:
    """A superuser who has done some things to a ledger, in one transaction, which takes them back after."""
    async with connection(owner_url) as superuser:
        transaction = superuser.transaction(isolation="repeatable_read")
        await transaction.start()
        for table in ("event", "head", "tile", "checkpoint"):
            await superuser.execute(f"ALTER TABLE ledger.{table} DISABLE TRIGGER ALL")
        await superuser.execute("ALTER TABLE ledger.event DROP CONSTRAINT event_position_check")
        for statement in statements:
            await superuser.execute(statement)
        yield superuser
        await transaction.rollback()


async def verify(
    connection: asyncpg.Connection, kept: Sequence[Kept] = (), signer: Signer = SIGNER
) -> Verified:
    """Verify what a connection sees, with the ledger's key."""
    told = [(0, 0)]
    run = Verification(connection, STATEMENTS, [signer.verifier], kept)
    verified = await run.run(lambda done, total: told.append((done, total)))
    assert told[-1] == (verified.events, verified.events)
    return verified


async def found(
    connection: asyncpg.Connection, kept: Sequence[Kept] = (), signer: Signer = SIGNER
) -> Wrong | None:
    """What verifying finds to be wrong."""
    try:
        await verify(connection, kept, signer)
    except Wrong as wrong:
        return wrong
    return None


@contextlib.asynccontextmanager
async def reading(owner_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection that sees one moment, as the command's does."""
    async with connection(owner_url) as owner, owner.transaction(isolation="repeatable_read", readonly=True):
        yield owner


@contextlib.asynccontextmanager
async def copied(owner_url: str, name: str) -> AsyncIterator[str]:
    """A copy while the body runs; gives its URL."""
    made = await copy(owner_url, name)
    try:
        yield made
    finally:
        await drop(made)


def tiles_over(leaves: Sequence[bytes]) -> list[tuple[int, int, bytes]]:
    """The tiles over some leaves, as a forger would make them: level, place, hashes."""
    found: list[tuple[int, int, bytes]] = []
    for tile in tiles.of_size(len(leaves)):
        span = 256**tile.level
        roots = [
            independent.root_over(leaves[at * span : (at + 1) * span])
            for at in range(tile.at * 256, tile.at * 256 + tile.width)
        ]
        found.append((tile.level, tile.at, b"".join(roots)))
    return found
