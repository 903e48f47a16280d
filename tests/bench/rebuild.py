"""Row 5: `caseledger projections rebuild`, against the bulk append rate of the same run."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from time import perf_counter

from services.runtime import migrations
from services.stack.child import python_environment
from services.stack.service import PROJECTOR
from tests.bench import ground
from tests.bench.drivers import Driver, DriverFailed
from tests.bench.duel import alternate
from tests.bench.ground import Ledger
from tests.bench.report import Line, Side
from tests.bench.scale import Scale
from tests.support.tokens import TOKEN

ROW = 5
AT_LEAST = 1.0
ROUNDS = 3
REBUILD = (sys.executable, "-P", "-m", "services.cli", "projections", "rebuild")


async def measure(path: Path, scale: Scale) -> AsyncIterator[Line]:
    """One line: more and more events are appended, and all that there are by then computed anew."""
    async with ground.ledger(path) as ledger, Driver("load") as load:
        await migrations.migrate(ledger.database_url, PROJECTOR, "services.projector.migrations")
        third = scale.replayed // ROUNDS // ground.BULK_LINES * ground.BULK_LINES
        await ground.bulk(ledger.url, load, events=third)
        await ledger.settle()
        duel = await alternate(
            partial(_rebuild, ledger), partial(ground.bulk, ledger.url, load, events=third), ROUNDS
        )
    yield Line(
        row=ROW,
        what=f"read models of {third:,} to {third * (ROUNDS + 1):,} events computed anew",
        value=duel.ratio,
        spread=duel.spread,
        at_least=AT_LEAST,
        ours=Side("caseledger projections rebuild", duel.our_rate, "events/s"),
        theirs=Side("bulk append of NDJSON over HTTP", duel.their_rate, "events/s"),
    )


async def start(ledger_url: str, database_url: str) -> asyncio.subprocess.Process:
    """Start the command."""
    where = {
        "CASELEDGER_LEDGER_URL": ledger_url,
        "CASELEDGER_DATABASE_URL": database_url,
        "CASELEDGER_TOKEN": TOKEN,
    }
    return await asyncio.create_subprocess_exec(
        *REBUILD,
        env=python_environment(os.environ) | where,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )


async def finish(command: asyncio.subprocess.Process) -> None:
    """Wait for its end. Raises `DriverFailed`."""
    _, said = await command.communicate()
    if command.returncode != 0:
        raise DriverFailed(f"The rebuild failed: {said.decode(errors='replace')[-500:]}")


async def _rebuild(ledger: Ledger) -> float:
    """The events a second of one rebuild, from the command's start to its end."""
    await ledger.settle()
    events = await ledger.position()
    begun = perf_counter()
    await finish(await start(ledger.url, ledger.database_url))
    return events / (perf_counter() - begun)
