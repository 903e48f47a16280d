"""Row 4: the full replay over HTTP, against psql copying the same rows to its standard output."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from time import perf_counter

import msgspec

from services.stack import postgres as embedded
from tests.bench import ground
from tests.bench.drivers import Driver, DriverFailed
from tests.bench.duel import alternate
from tests.bench.ground import Ledger
from tests.bench.report import Line, Side
from tests.bench.scale import Scale

ROW = 4
AT_LEAST = 0.7
COPY = "COPY (SELECT document FROM ledger.event WHERE position > 0 ORDER BY position) TO STDOUT"
MEGA = 1_000_000


class Drained(msgspec.Struct):
    """What a driver read."""

    bytes: int
    lines: int
    seconds: float


async def measure(path: Path, scale: Scale) -> AsyncIterator[Line]:
    """One line."""
    async with ground.ledger(path) as ledger, Driver("load") as load, Driver("drain") as reader:
        await ground.bulk(ledger.url, load, events=scale.replayed)
        await ledger.settle()
        url = f"{ledger.url}/v1/events?after=0"
        drained = msgspec.json.decode(await reader.ask({"kind": "drain", "url": url}), type=Drained)
        if drained.lines != scale.replayed:
            raise DriverFailed(f"The replay has {drained.lines} lines, not {scale.replayed}")

        async def ours() -> float:
            again = msgspec.json.decode(await reader.ask({"kind": "drain", "url": url}), type=Drained)
            return again.bytes / again.seconds / MEGA

        async def theirs() -> float:
            return drained.bytes / await _copy(ledger) / MEGA

        duel = await alternate(ours, theirs, scale.rounds)
    yield Line(
        row=ROW,
        what=f"full replay of {scale.replayed:,} events",
        value=duel.ratio,
        spread=duel.spread,
        at_least=AT_LEAST,
        ours=Side("ledger", duel.our_rate, "MB/s"),
        theirs=Side("psql COPY TO STDOUT", duel.their_rate, "MB/s"),
    )


async def _copy(ledger: Ledger) -> float:
    """The seconds that psql takes, from its start to its end, with its output going nowhere."""
    begun = perf_counter()
    psql = await asyncio.create_subprocess_exec(
        str(embedded._programs(None) / "psql"),
        *("--no-psqlrc", "--quiet", "--dbname", ledger.database_url, "--command", COPY),
        stdout=asyncio.subprocess.DEVNULL,
    )
    if await psql.wait() != 0:
        raise DriverFailed("psql failed")
    return perf_counter() - begun
