"""Row 2: posts of several events, against as many appended to UmaDB at once by its own client."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

from tests.bench import ground, rivals
from tests.bench.drivers import Driver
from tests.bench.duel import Duel, alternate
from tests.bench.report import Line, Side
from tests.bench.rivals import NotMeasured
from tests.bench.scale import Scale

ROW = 2
AT_LEAST = 1.0
SIZES = (10, 100)
CLIENTS = 32


async def measure(path: Path, scale: Scale) -> AsyncIterator[Line]:
    """One line for each size."""
    try:
        python = str(await rivals.python())
    except NotMeasured as error:
        yield Line(row=ROW, what="posts of 10 and 100 events", at_least=AT_LEAST, note=f"UmaDB {error}")
        return
    async with (
        ground.ledger(path) as ledger,
        rivals.umadb(path) as uma,
        Driver("load") as driver,
        Driver("umadb_driver", python=python) as uma_driver,
    ):
        for size in SIZES:
            ours = partial(ledger.posts, driver, clients=CLIENTS, size=size, seconds=scale.seconds)
            job = {"url": uma, "clients": CLIENTS, "size": size, "seconds": scale.seconds}
            theirs = partial(uma_driver.events_per_second, "append", **job)
            yield _line(size, await alternate(ours, theirs, scale.rounds))


def _line(size: int, duel: Duel) -> Line:
    return Line(
        row=ROW,
        what=f"posts of {size} events, {CLIENTS} clients",
        value=duel.ratio,
        spread=duel.spread,
        at_least=AT_LEAST,
        ours=Side("ledger", duel.our_rate, "events/s"),
        theirs=Side("UmaDB 0.7, its own client", duel.their_rate, "events/s"),
    )
