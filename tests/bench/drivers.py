"""Driver processes: each does one kind of load, takes a job a line on its input, and answers a line."""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import msgspec

ROOT = Path(__file__).resolve().parents[2]


class _Rate(msgspec.Struct):
    """What a driver did between the end of its warm-up and its end."""

    requests: int
    events: int
    seconds: float
    failed: dict[str, int]


class DriverFailed(Exception):
    """A driver ended, or its requests failed: what it measured is worth nothing."""


class Driver:
    """One driver process, alive as long as its `async with`; it ends by itself when we do."""

    def __init__(self, module: str, *, python: str = sys.executable, options: Sequence[str] = ()) -> None:
        self._argv = [python, "-m", f"tests.bench.{module}", *options]
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *self._argv,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=64 * 1024 * 1024,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        if kind is not None and self._process.returncode is None:
            self._process.kill()
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()

    async def ask(self, job: Mapping[str, Any]) -> bytes:
        """Do one job; gives the line that it answers. Raises `DriverFailed`."""
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(msgspec.json.encode(job) + b"\n")
        line = await self._process.stdout.readline()
        if not line:
            raise DriverFailed(f"{' '.join(self._argv[1:])} ended while it did {job}")
        return line

    async def events_per_second(self, kind: str, **job: Any) -> float:
        """Do one job that appends, under a new label. Raises `DriverFailed`, also if a request failed."""
        answer = await self.ask({"kind": kind, "label": label(), **job})
        rate = msgspec.json.decode(answer, type=_Rate)
        if rate.failed or not rate.requests:
            raise DriverFailed(f"{kind} {job} did {rate.requests} requests; these failed: {rate.failed}")
        return rate.events / rate.seconds


def label() -> str:
    """A name for the cases and events of one job that no other job has."""
    return uuid4().hex[:12]
