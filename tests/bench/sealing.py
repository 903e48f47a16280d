"""Row 9: what sealing and signed receipts cost an append: a ledger with a key, against the same without."""

import asyncio
import os
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import asyncpg

from services.stack.postgres import workers_of
from tests.bench import ground
from tests.bench.drivers import Driver
from tests.bench.duel import Duel, alternate
from tests.bench.ground import Ledger
from tests.bench.report import Line, Side
from tests.bench.scale import Scale

ROW = 9
AT_LEAST = 0.95
AT_MOST = 0.05
SIZES = ((1, 32), (10, 32))  # events a post, clients
MICRO = 1_000_000
TICKS = os.sysconf("SC_CLK_TCK")
SEALED = "SELECT coalesce(max(size), 0) FROM ledger.checkpoint"


class Spent:
    """One side: it posts, and counts the processor time that its ledger and its Postgres spend on it."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._seconds = 0.0
        self._events = 0

    async def posts(self, driver: Driver, *, clients: int, size: int, seconds: float) -> float:
        """The events a second."""
        spent, position = processor_time(self._ledger), await self._ledger.position()
        rate = await self._ledger.posts(driver, clients=clients, size=size, seconds=seconds)
        self._seconds += processor_time(self._ledger) - spent
        self._events += await self._ledger.position() - position
        return rate

    @property
    def micros(self) -> float:
        """Microseconds an event."""
        return self._seconds / self._events * MICRO


async def measure(path: Path, scale: Scale) -> AsyncIterator[Line]:
    """For each size of a post a line for the throughput, and one for the processor time of sealing alone."""
    appended: dict[int, float] = {}
    async with (
        ground.ledger(path / "sealed", signed=True) as sealed,
        ground.ledger(path / "bare") as bare,
        Driver("load") as driver,
    ):
        for size, clients in SIZES:
            sides = Spent(sealed), Spent(bare)
            # Twice the rounds, half as long: what else the machine does falls on both sides alike.
            ours, theirs = (
                partial(side.posts, driver, clients=clients, size=size, seconds=scale.seconds / 2)
                for side in sides
            )
            yield _throughput(size, clients, await alternate(ours, theirs, scale.rounds * 2), *sides)
            appended[size] = sides[1].micros
    async with ground.ledger(path / "bare", signed=True) as ledger:
        sealing = await _seal(ledger)
    for size, micros in appended.items():
        yield Line(
            row=ROW,
            what=f"processor time of sealing alone, by that of {_posts(size)}",
            value=sealing / micros,
            at_most=AT_MOST,
            ours=Side("sealing", sealing, "µs/event"),
            theirs=Side("appending", micros, "µs/event"),
        )


async def _seal(ledger: Ledger) -> float:
    """Have everything sealed that there is; gives the microseconds an event."""
    connection = await asyncpg.connect(ledger.database_url)
    try:
        end = await ledger.position()
        spent, sealed = processor_time(ledger), await connection.fetchval(SEALED)
        while await connection.fetchval(SEALED) < end:  # noqa: ASYNC110 -- another process seals
            await asyncio.sleep(ground.POLL)
    finally:
        await connection.close()
    return (processor_time(ledger) - spent) / float(end - sealed) * MICRO


def processor_time(ledger: Ledger) -> float:
    """The seconds that a ledger and its Postgres have spent, and those of their children that have ended."""
    postgres = ledger.postgres.child.pid
    return sum(_ticks(pid) for pid in (ledger.pid, postgres, *workers_of(postgres))) / TICKS


def _ticks(pid: int) -> int:
    """As Linux counts them."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15]))


def _posts(size: int) -> str:
    return f"posts of {size} events" if size > 1 else "posts of 1 event"


def _throughput(size: int, clients: int, duel: Duel, sealed: Spent, bare: Spent) -> Line:
    return Line(
        row=ROW,
        what=f"{_posts(size)}, {clients} clients, sealed and receipted",
        value=duel.ratio,
        spread=duel.spread,
        at_least=AT_LEAST,
        ours=Side("with a key", duel.our_rate, "events/s"),
        theirs=Side("without", duel.their_rate, "events/s"),
        note=f"processor time: {sealed.micros:.0f} µs an event, and {bare.micros:.0f} without",
    )
