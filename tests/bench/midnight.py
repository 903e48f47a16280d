"""Row 7: windows that expire at one midnight: each climbed once, by work that grows with them alone."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

import asyncpg
from msgspec import Struct

from services.runtime.clock import text
from services.stack import clocks
from services.stack.layout import Target
from tests.bench import ground
from tests.bench.drivers import Driver
from tests.bench.report import Line, Side
from tests.bench.scale import Scale

ROW = 7
MOST_GROWTH = 1.5
FEWER = 5
"""By how much fewer windows are open in the run that is compared."""

MONDAY = datetime(2017, 10, 2, 11, 0, tzinfo=UTC)  # the first alerts' day 0
TUESDAY = MONDAY + timedelta(days=1)  # that of the others, whose windows are open for one day longer
MIDNIGHT = datetime(2017, 10, 9, 23, 0, tzinfo=UTC)  # in London; the first alerts were due on 9 October

COUNTED_AFTER = 2.0  # seconds
ROWS_READ = """
    SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint FROM pg_stat_user_tables
    WHERE schemaname = 'notifier'
"""
CLIMBED_WRONGLY = """
    SELECT count(*) FROM (
        SELECT min(recorded_at) < $1 AS is_due, count(*) FILTER (WHERE type LIKE 'EscalatedTo%') AS climbs
        FROM ledger.event GROUP BY case_id
    ) c WHERE climbs <> is_due::integer
"""


class Night(Struct, frozen=True):
    """What one midnight took."""

    seconds: float
    rows_read: int
    climbed_wrongly: int


async def measure(path: Path, scale: Scale) -> AsyncIterator[Line]:
    """The midnight with many windows open, and with fewer; what it takes must not depend on them."""
    due, many, few = scale.windows_due, scale.windows_open, scale.windows_open // FEWER
    busy = await _night(path / "many", due, many)
    yield Line(
        row=ROW,
        what=f"{due:,} windows expire at one midnight, {many:,} open: climbed twice, early, or not at all",
        value=busy.climbed_wrongly,
        unit="windows",
        at_most=0,
        ours=Side("climbs", due / busy.seconds, "climbs/s"),
        note=f"{busy.seconds:.1f} s until all were recorded and shown",
    )
    calm = await _night(path / "few", due, few)
    yield Line(
        row=ROW,
        what=f"the same with {few:,} open: rows that the notifier reads",
        value=busy.rows_read / calm.rows_read,
        at_most=MOST_GROWTH,
        ours=Side(f"{many:,} open", busy.rows_read / due, "rows a climb"),
        theirs=Side(f"{few:,} open", calm.rows_read / due, "rows a climb"),
        note=f"{busy.seconds:.1f} s against {calm.seconds:.1f} s",
    )


async def _night(path: Path, due: int, windows: int) -> Night:
    async with ground.stack(path, clock=text(MONDAY)) as stack, Driver("load") as load:
        await _raise(stack.urls, load, due)
        await clocks.advance(stack.urls, TUESDAY)
        await _raise(stack.urls, load, windows - due)
        await clocks.advance(stack.urls, MIDNIGHT - timedelta(minutes=1))
        connection = await asyncpg.connect(stack.urls.database)
        try:
            before = await _rows_read(connection)
            begun = perf_counter()
            await clocks.advance(stack.urls, MIDNIGHT)
            seconds = perf_counter() - begun
            read = await _rows_read(connection) - before
            wrongly = await connection.fetchval(CLIMBED_WRONGLY, TUESDAY)
        finally:
            await connection.close()
    return Night(seconds, read, wrongly)


async def _rows_read(connection: asyncpg.Connection) -> int:
    """The rows that the notifier has read; the server counts what a process did within a second or so."""
    counted, again = -1, 0
    while counted != again:
        counted = again
        await asyncio.sleep(COUNTED_AFTER)
        again = await connection.fetchval(ROWS_READ)
    return again


async def _raise(urls: Target, load: Driver, alerts: int) -> None:
    """Raise alerts, each on a case of its own, and return when each has been taken in."""
    await load.events_per_second("alerts", url=urls.ledger, alerts=alerts)
    await clocks.advance(urls, (await clocks.read(urls)).now)
