"""Row 10: verifying: what of it is hashing, against hashlib alone, and the whole command, its memory too."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from hashlib import sha256
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple

import asyncpg

from services.evidence.merkle import Frontier, leaf_hash
from services.ledger.verification import AT_ONCE
from services.stack.child import python_environment
from tests.bench import events, ground
from tests.bench.drivers import Driver, DriverFailed
from tests.bench.duel import alternate
from tests.bench.ground import Ledger
from tests.bench.report import Line, Side
from tests.bench.scale import Scale

ROW = 10
HASHED_AT_LEAST = 200_000.0  # events a second on one core
MOST_GROWTH = 1.1
HASHED = 100_000
INNER_NODE = bytes(65)
KILOBYTES_A_MEGABYTE = 1024
SEALED = "SELECT coalesce(max(size), 0) = (SELECT position FROM ledger.head) FROM ledger.checkpoint"


class Run(NamedTuple):
    """What one run of the command took: seconds that went by, of one processor, and MB at its largest."""

    seconds: float
    processor: float
    peak: float


async def measure(path: Path, scale: Scale) -> AsyncIterator[Line]:
    """One line for the hashing, one for the command's rate, one for its memory."""
    yield await _hashing(scale)
    async with ground.ledger(path, signed=True) as ledger, Driver("load") as load:
        quarter = scale.verified // 4
        await _append(ledger, load, quarter)
        first = await _verify(ledger)
        await _append(ledger, load, scale.verified - quarter)
        last = await _verify(ledger)
    count = f"caseledger verify of {scale.verified:,} events"
    yield Line(
        row=ROW,
        what=f"{count}, all of it",
        value=scale.verified / last.seconds,
        unit="events/s",
        ours=Side("on one core", scale.verified / last.processor, "events/s"),
        note="documents, columns, leaves, tiles, checkpoints, signatures, and reading them from Postgres",
    )
    yield Line(
        row=ROW,
        what=f"peak memory of {count}",
        value=last.peak / first.peak,
        at_most=MOST_GROWTH,
        ours=Side("with all", last.peak, "MB"),
        theirs=Side(f"with {quarter:,}", first.peak, "MB"),
    )


async def _hashing(scale: Scale) -> Line:
    documents = [
        body.encode()
        for _, batch in islice(events.posts("hashed", 0, 100), HASHED // 100)
        for _, body in batch
    ]

    async def ours() -> float:
        return _rate(_hash, documents)

    async def theirs() -> float:
        return _rate(_hash_alone, documents)

    duel = await alternate(ours, theirs, scale.rounds)
    return Line(
        row=ROW,
        what="hashing leaves and tree, one core",
        value=duel.our_rate,
        unit="events/s",
        at_least=HASHED_AT_LEAST,
        ours=Side("leaves and tree", duel.our_rate, "events/s"),
        theirs=Side("hashlib, as many and the same bytes", duel.their_rate, "events/s"),
    )


def _rate(hashing: Callable[[Sequence[bytes]], None], documents: Sequence[bytes]) -> float:
    begun = process_time()
    hashing(documents)
    return len(documents) / (process_time() - begun)


def _hash(documents: Sequence[bytes]) -> None:
    frontier = Frontier()
    for start in range(0, len(documents), AT_ONCE):
        frontier.extend([leaf_hash(document) for document in documents[start : start + AT_ONCE]])
    frontier.root()


def _hash_alone(documents: Sequence[bytes]) -> None:
    for document in documents:
        sha256(document).digest()
        sha256(INNER_NODE).digest()


async def _append(ledger: Ledger, load: Driver, count: int) -> None:
    """Append so many, and return when they are sealed."""
    await ground.bulk(ledger.url, load, events=count)
    connection = await asyncpg.connect(ledger.database_url)
    try:
        while not await connection.fetchval(SEALED):  # noqa: ASYNC110 -- another process seals
            await asyncio.sleep(ground.POLL)
    finally:
        await connection.close()


async def _verify(ledger: Ledger) -> Run:
    """Run the command in a process of its own."""
    keys = ledger.keys
    command = [sys.executable, "-m", "services.cli", "verify", "--json", "--key", str(keys)]
    environment = python_environment({**os.environ, "CASELEDGER_DATABASE_URL": ledger.database_url})
    begun = perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # noqa: ASYNC220 -- wait4 is asked in a thread
    _, status, used = await asyncio.to_thread(os.wait4, process.pid, 0)
    said = process.stdout.read() if process.stdout else b""
    if status:
        raise DriverFailed(f"verify found the ledger to be wrong: {said!r}")
    return Run(perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / KILOBYTES_A_MEGABYTE)
