"""A process that lives many lives, each told on its input; any of them may end by `kill -9`."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import ModuleType

from tests.support.processes import clean_environment


@asynccontextmanager
async def mortals(module: ModuleType, *arguments: str) -> AsyncIterator[Process]:
    """The process of a module, which ends with the body."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module.__name__, *arguments, env=clean_environment(), stdin=PIPE, stdout=PIPE
    )
    try:
        yield process
    finally:
        process.kill()
        await process.communicate()


async def live(process: Process, life: str, ends_by: int) -> None:
    """Let it live once; returns when that life has ended, as expected."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{life}\n".encode())
    async with asyncio.timeout(20):
        assert await process.stdout.readline() == b"%d\n" % ends_by, life
