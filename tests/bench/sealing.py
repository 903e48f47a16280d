"""Row 9: what sealing and signed receipts cost an append: a ledger with a key, against the same without."""

import os
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

from services.stack.postgres import workers_of
from tests.bench import ground
from tests.bench.drivers import Driver
from tests.bench.duel import Duel, alternate
from tests.bench.ground import Ledger
from tests.bench.report import Line, Side
from tests.bench.scale import Scale

ROW = 9
AT_LEAST = 0.95
AT_MOST = 1.05
SIZES = ((1, 32), (10, 32))  # events a post, clients
MICRO = 1_000_000
TICKS = os.sysconf("SC_CLK_TCK")


class Spent:
    """One side: it posts, and counts the processor time that its ledger and its Postgres spend on it."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.seconds = 0.0
        self.events = 0.0

    async def posts(self, driver: Driver, *, clients: int, size: int, seconds: float) -> float:
        """The events a second."""
        spent, position = self._cpu(), await self._ledger.position()
        rate = await self._ledger.posts(driver, clients=clients, size=size, seconds=seconds)
        self.seconds += self._cpu() - spent
        self.events += await self._ledger.position() - position
        return rate

    @property
    def micros(self) -> float:
        """Microseconds an event."""
        return self.seconds / self.events * MICRO

    def _cpu(self) -> float:
        postgres = self._ledger.postgres.child.pid
        return sum(_processor_time(pid) for pid in (self._ledger.pid, postgres, *workers_of(postgres)))


def _processor_time(pid: int) -> float:
    """The seconds of processor time that Linux says of a process, and of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICKS


async def measure(path: Path, scale: Scale) -> AsyncIterator[Line]:
    """For each size of a post one line for the throughput, and one for the processor time."""
    async with (
        ground.ledger(path / "sealed", signed=True) as sealed,
        ground.ledger(path / "bare") as bare,
        Driver("load") as driver,
    ):
        for size, clients in SIZES:
            sides = Spent(sealed), Spent(bare)
            ours, theirs = (
                partial(side.posts, driver, clients=clients, size=size, seconds=scale.seconds)
                for side in sides
            )
            duel = await alternate(ours, theirs, scale.rounds)
            for line in _lines(size, clients, duel, *sides):
                yield line


def _lines(size: int, clients: int, duel: Duel, sealed: Spent, bare: Spent) -> list[Line]:
    posts = f"posts of {size} events" if size > 1 else "posts of 1 event"
    throughput = Line(
        row=ROW,
        what=f"{posts}, {clients} clients, sealed and receipted",
        value=duel.ratio,
        spread=duel.spread,
        at_least=AT_LEAST,
        ours=Side("with a key", duel.our_rate, "events/s"),
        theirs=Side("without", duel.their_rate, "events/s"),
    )
    processor = Line(
        row=ROW,
        what=f"processor time of ledger and Postgres, {posts}",
        value=sealed.micros / bare.micros,
        at_most=AT_MOST,
        ours=Side("with a key", sealed.micros, "µs/event"),
        theirs=Side("without", bare.micros, "µs/event"),
    )
    return [throughput, processor]
