"""Row 1: single-event posts, against a handler that decodes the same body and does nothing."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

from tests.bench import ground
from tests.bench.drivers import Driver
from tests.bench.duel import Duel, alternate
from tests.bench.report import Line, Side
from tests.bench.scale import Scale

ROW = 1
AT_LEAST = 0.6
CLIENTS = (32, 128)


async def measure(path: Path, scale: Scale) -> AsyncIterator[Line]:
    """One line for each number of clients."""
    async with ground.ledger(path) as ledger, ground.noop(path) as nothing, Driver("load") as driver:
        for clients in CLIENTS:
            ours = partial(ledger.posts, driver, clients=clients, size=1, seconds=scale.seconds)
            job = {"url": nothing, "connections": clients, "size": 1, "seconds": scale.seconds}
            theirs = partial(driver.events_per_second, "posts", **job)
            yield _line(clients, await alternate(ours, theirs, scale.rounds))


def _line(clients: int, duel: Duel) -> Line:
    return Line(
        row=ROW,
        what=f"posts of 1 event, {clients} clients",
        value=duel.ratio,
        spread=duel.spread,
        at_least=AT_LEAST,
        ours=Side("ledger", duel.our_rate, "posts/s"),
        theirs=Side("handler that does nothing", duel.their_rate, "posts/s"),
    )
