"""Row 6: from the post of an event to its being visible in the read model, at 200 events a second."""

from collections.abc import AsyncIterator
from pathlib import Path
from statistics import quantiles

import msgspec

from tests.bench import ground
from tests.bench.drivers import Driver, label
from tests.bench.report import Line, Side
from tests.bench.scale import Scale

ROW = 6
AT_MOST = 250.0  # milliseconds, on two idle cores
RATE = 200
WARM_UP = 3.0  # seconds


class Waits(msgspec.Struct):
    """What the driver saw."""

    milliseconds: list[float]


async def measure(path: Path, scale: Scale) -> AsyncIterator[Line]:
    """One line for the median, one for the slowest in a hundred."""
    async with ground.stack(path) as stack, Driver("visible_driver") as driver:
        job = {
            "kind": "visible",
            "ledger": stack.urls.ledger,
            "projector": stack.urls.projector,
            "rate": RATE,
        }
        await driver.ask({**job, "seconds": WARM_UP, "label": label()})
        answer = await driver.ask({**job, "seconds": scale.visible_seconds, "label": label()})
    waits = msgspec.json.decode(answer, type=Waits).milliseconds
    percent = quantiles(waits, n=100)
    what = f"post to visible in the read model, {RATE} events/s"
    everything = Side(f"of {len(waits):,} events", max(waits), "ms, the slowest")
    yield Line(row=ROW, what=f"{what}, p50", value=percent[49], unit="ms")
    yield Line(row=ROW, what=f"{what}, p99", value=percent[98], unit="ms", at_most=AT_MOST, ours=everything)
