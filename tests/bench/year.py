"""Row 11: the sample year over HTTP, until every read model has caught up."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from time import perf_counter

import httpx

from services.cli import sample_year
from services.cli.year import generator
from services.cli.year.days import CLOSE, OPENING, at
from services.cli.year.diary import Entry
from services.runtime.clock import text
from services.runtime.tls import authorities
from tests.bench import ground
from tests.bench.report import Line, Side
from tests.bench.scale import Scale
from tests.support.tokens import BEARER
from tests.support.year import load

ROW = 11
MOST_SECONDS = 60.0


async def measure(path: Path, scale: Scale) -> AsyncIterator[Line]:
    """Type it in day by day, the clock moving; then load it as fast as it is taken, the clock at the end."""
    entries = generator.entries()
    whole = scale.year_until == CLOSE.date()
    yield await _day_by_day(path / "days", entries, scale.year_until, limit=MOST_SECONDS if whole else None)
    for line in await _at_once(path / "once", entries):
        yield line


async def _day_by_day(path: Path, entries: list[Entry], until: date, *, limit: float | None) -> Line:
    async with ground.stack(path, text(OPENING)) as stack:
        begun = perf_counter()
        events = await sample_year.load(stack.urls, entries, until=at(until, 23))
        await ground.caught_up(stack.urls)
        seconds = perf_counter() - begun
    return Line(
        row=ROW,
        what=f"the sample year to {until}, day by day, all caught up",
        value=seconds,
        unit="s",
        at_most=limit,
        ours=Side("caseledger", events / seconds, "events/s"),
        note=f"{events} events; the clock is moved once a day, and the notifier waited for",
    )


async def _at_once(path: Path, entries: list[Entry]) -> list[Line]:
    """Whole cases a request: no alert stands open, so that no ladder starts."""
    async with ground.stack(path, text(CLOSE)) as stack:
        begun = perf_counter()
        async with httpx.AsyncClient(
            headers=BEARER, base_url=stack.urls.ledger, trust_env=False, verify=authorities(), timeout=60
        ) as ledger:
            await load(ledger, entries)
        appended = perf_counter() - begun
        await ground.caught_up(stack.urls)
        seconds = perf_counter() - begun
    rate = Side("caseledger", len(entries) / appended, "events/s")
    return [
        Line(
            row=ROW,
            what="the sample year as fast as it is taken",
            value=rate.value,
            unit=rate.unit,
            ours=rate,
        ),
        Line(
            row=ROW,
            what="until the read models have caught up",
            value=seconds,
            unit="s",
            at_most=MOST_SECONDS,
        ),
    ]
