"""Row 12: what it costs to know who asks: posts with authentication, against the same without."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

from tests.bench import ground
from tests.bench.drivers import Driver
from tests.bench.duel import alternate
from tests.bench.report import Line, Side
from tests.bench.scale import Scale

ROW = 12
AT_LEAST = 0.95
CLIENTS = 32


async def measure(path: Path, scale: Scale) -> AsyncIterator[Line]:
    """One line."""
    async with (
        ground.ledger(path / "guarded") as guarded,
        ground.ledger(path / "open", guarded=False) as unguarded,
        Driver("load") as driver,
    ):
        # Twice the rounds, half as long: what else the machine does falls on both sides alike.
        ours, theirs = (
            partial(side.posts, driver, clients=CLIENTS, size=1, seconds=scale.seconds / 2)
            for side in (guarded, unguarded)
        )
        duel = await alternate(ours, theirs, scale.rounds * 2)
    yield Line(
        row=ROW,
        what=f"posts of 1 event, {CLIENTS} clients, authenticated",
        value=duel.ratio,
        spread=duel.spread,
        at_least=AT_LEAST,
        ours=Side("with authentication", duel.our_rate, "posts/s"),
        theirs=Side("without", duel.their_rate, "posts/s"),
    )
