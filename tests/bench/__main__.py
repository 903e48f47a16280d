"""Measure the design's budgets: `python -m tests.bench [--only ROW] [--quick | --full] [--json FILE]`."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Annotated, Final

import structlog
import typer
from rich.console import Console

from tests.bench import (
    authenticating,
    ground,
    memory,
    midnight,
    posts_eventsourcing,
    posts_noop,
    posts_umadb,
    rebuild,
    replay,
    report,
    sealing,
    secrecy,
    verifying,
    visible,
    year,
)
from tests.bench.report import Line
from tests.bench.scale import FULL, QUICK, USUAL, Scale

Measure = Callable[[Path, Scale], AsyncIterator[Line]]

ROWS: Final[dict[int, Measure]] = {
    1: posts_noop.measure,
    2: posts_umadb.measure,
    3: posts_eventsourcing.measure,
    4: replay.measure,
    5: rebuild.measure,
    6: visible.measure,
    7: midnight.measure,
    8: memory.measure,
    9: sealing.measure,
    10: verifying.measure,
    11: year.measure,
    12: authenticating.measure,
    13: secrecy.measure,
}

app = typer.Typer(add_completion=False)


@app.command()
def main(
    only: Annotated[list[int] | None, typer.Option(help="A row to measure; may be given again.")] = None,
    quick: Annotated[bool, typer.Option(help="Small and short: does it run, and roughly how fast?")] = False,  # noqa: FBT002 -- a flag of the command
    full: Annotated[bool, typer.Option(help="Ten million events where the budget says so.")] = False,  # noqa: FBT002 -- as above
    json: Annotated[Path | None, typer.Option(help="Write what was measured here, too.")] = None,
) -> None:
    """Print the budget table of the design, both sides of each ratio measured in this run."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    scale = QUICK if quick else FULL if full else USUAL
    lines = asyncio.run(_measure(only or list(ROWS), scale))
    report.show(lines)
    if json is not None:
        report.write(lines, json)


async def _measure(rows: list[int], scale: Scale) -> list[Line]:
    lines: list[Line] = []
    with Console(stderr=True).status("") as status:
        for row in rows:
            title = str(sys.modules[ROWS[row].__module__].__doc__).rstrip(".")
            status.console.print(f"{title} (load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores)")
            status.update(title)
            async for line in _row(row, title, scale):
                lines.append(line)
                status.console.print(f"  {line.what}: {report.summary(line)}")
    return lines


async def _row(row: int, title: str, scale: Scale) -> AsyncIterator[Line]:
    with ground.directory() as path:
        try:
            async for line in ROWS[row](path, scale):
                yield line
        except Exception as error:  # noqa: BLE001 -- a row that fails is said to have, and loses no other
            yield Line(row=row, what=title.partition(": ")[2], note=f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    app()
