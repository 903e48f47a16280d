"""The sample year in a product: loaded through the public API once a run, and copied for each that asks.

It is loaded with the clock at its end, whole cases a request: no alert of it stands open, so that no ladder
starts. It is sealed with `SIGNING_KEY`.
"""

import asyncio
import fcntl
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Final

import httpx

from services.cli.year import generator
from services.cli.year.days import CLOSE
from services.cli.year.diary import Entry
from services.evidence.keys import Algorithm, Signer
from tests.support.product import Product

LINES: Final = 1_000
"""About how many a request; a case's events are never parted."""
CONNECTIONS: Final = 2
SIGNER: Final = Signer("year.caseledger.invalid", Algorithm.ED25519, bytes(range(32)))


async def prepare(shared: Path) -> Path:
    """The directory of a product that has the year and is at rest; of all processes one makes it."""
    made = shared / "sample-year"
    with (shared / "sample-year.lock").open("w") as lock:
        await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
        if not made.exists():
            await _make(shared / "sample-year.new")
            (shared / "sample-year.new").rename(made)
    return made


async def copy(made: Path, directory: Path) -> Path:
    """A copy of what `prepare` made, for `year_of` to run on."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    # With its owner: the account that root starts a server as.
    copying = await asyncio.create_subprocess_exec(
        "cp", "--archive", "--no-target-directory", made, directory
    )
    assert await copying.wait() == 0
    return directory


async def load(ledger: httpx.AsyncClient, entries: Iterable[Entry]) -> int:
    """Post the year as fast as it is taken; gives the number of events."""
    left = iter(requests(entries))

    async def post() -> int:
        events = 0
        for lines in left:
            body, headers = b"\n".join(lines), {"Content-Type": "application/x-ndjson"}
            answer = await ledger.post("/v1/events", content=body, headers=headers)
            answer.raise_for_status()
            events += len(lines)
        return events

    return sum(await asyncio.gather(*(post() for _ in range(CONNECTIONS))))


def requests(entries: Iterable[Entry]) -> list[list[bytes]]:
    """The lines of each request."""
    found: list[list[bytes]] = [[]]
    by_case = sorted(entries, key=lambda entry: entry.subject)
    for _, case in groupby(by_case, key=lambda entry: entry.subject):
        found[-1] += [entry.line for entry in case]
        if len(found[-1]) >= LINES:
            found.append([])
    return [lines for lines in found if lines]


async def _make(directory: Path) -> None:
    async with Product(directory, clock=CLOSE, signing_key=SIGNER.written()) as product:
        async with product.client(product.ledger) as ledger:
            await load(ledger, generator.entries())
        await product.settle()
        await product.until_sealed()
