"""Row 8: the memory of each service, at rest and while many events pass through it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Self

from services.stack.layout import Layout, Urls, running
from services.stack.service import SERVICES
from tests.bench import ground, rebuild
from tests.bench.drivers import Driver
from tests.bench.report import Line, Side
from tests.bench.scale import Scale

ROW = 8
AT_REST = 150.0  # MB
MOST_GROWTH = 1.1
SAMPLE = 0.5  # seconds


class Peaks:
    """The greatest resident size of each process while it is watched, in MB."""

    def __init__(self, pids: dict[str, int]) -> None:
        self._pids = dict(pids)
        self.of = dict.fromkeys(pids, 0.0)

    @contextlib.contextmanager
    def watching(self, name: str, pid: int) -> Iterator[None]:
        """Watch one more within."""
        self.of[name], self._pids[name] = 0.0, pid
        yield
        del self._pids[name]

    async def __aenter__(self) -> Self:
        await self._look()
        self._watching = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._watching.cancel()
        await self._look()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(SAMPLE)
            await self._look()

    async def _look(self) -> None:
        for name, pid in [*self._pids.items()]:
            self.of[name] = max(self.of[name], await _resident(pid))


async def measure(path: Path, scale: Scale) -> AsyncIterator[Line]:
    """A line for each process at rest, and one for its growth: half of the events, then all of them."""
    half = scale.remembered // 2
    async with ground.stack(path) as stack, Driver("load") as load, Driver("drain") as drain:
        record = running(Layout(path))
        assert record is not None
        pids = {name: record.processes[name] for name in SERVICES}
        async with Peaks(pids) as rest:
            pass
        async with Peaks(pids) as first:
            await _pass_through(stack.urls, first, load, drain, half)
        async with Peaks(pids) as second:
            await _pass_through(stack.urls, second, load, drain, half)
    for name, resident in rest.of.items():
        yield Line(row=ROW, what=f"memory of the {name} at rest", value=resident, unit="MB", at_most=AT_REST)
    for name in second.of:
        yield Line(
            row=ROW,
            what=f"memory of the {name} while {2 * half:,} events pass and are replayed",
            value=second.of[name] / first.of[name],
            at_most=MOST_GROWTH,
            ours=Side("with all", second.of[name], "MB"),
            theirs=Side(f"with {half:,}", first.of[name], "MB"),
        )


async def _pass_through(urls: Urls, peaks: Peaks, load: Driver, drain: Driver, events: int) -> None:
    """Append so many, wait until everybody has them, then read and rebuild all that there are by now."""
    await ground.bulk(urls.ledger, load, events=events)
    await ground.caught_up(urls)
    await drain.ask({"kind": "drain", "url": f"{urls.ledger}/v1/events?after=0"})
    command = await rebuild.start(urls.ledger, urls.database)
    with peaks.watching("rebuild", command.pid):
        await rebuild.finish(command)


async def _resident(pid: int) -> float:
    """The resident size of a process in MB; 0 for one that has ended."""
    argv = ("ps", "-o", "rss=", "-p", str(pid))
    ps = await asyncio.create_subprocess_exec(*argv, stdout=asyncio.subprocess.PIPE)
    said, _ = await ps.communicate()
    return int(said or 0) / 1024
