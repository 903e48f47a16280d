"""Sealers that end by `kill -9` at a step: `python -m tests.integration.ledger.mortal_sealer DATABASE NATS`.

A line `STEP|WHEN|HEAD` on standard input is one process, forked from this one so that it starts at once. It
seals up to HEAD, and kills itself "before", "during" or "after" the step; without a step it ends in order,
with everything sealed and announced. A line of output says by which signal it ended, 0 for none.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any, Final

import structlog

from services.evidence.keyring import Keyring
from services.ledger import sealer as sealer_module
from services.ledger.announcements import Announcements
from services.ledger.tree import Tree
from services.runtime import leadership
from tests.integration.ledger.seals import sealing
from tests.support.until import until

STEPS: Final[dict[str, tuple[Any, str]]] = {
    "hear what was announced": (Announcements, "last"),
    "read the last checkpoint": (Tree, "last"),
    "read the edge of the tree": (Tree, "frontier"),
    "compare with what was announced": (Tree, "root"),
    "read what is not sealed": (Tree, "unsealed"),
    "extend the tree": (sealer_module, "_extend"),
    "sign": (Keyring, "sign"),
    "grow": (Tree, "grow"),
    "announce": (Announcements, "publish"),
}


def main(database_url: str, nats_url: str) -> None:
    """Fork one sealer a line."""
    sealer_module.SEAL_EVERY = leadership.STANDBY_PAUSE = 0.0  # type: ignore[misc]  # these are in haste
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    for line in sys.stdin:
        step, when, head = line.strip().split("|")
        pid = os.fork()
        if pid == 0:
            _live(database_url, nats_url, step, when, int(head))
        _, status = os.waitpid(pid, 0)
        print(os.WTERMSIG(status) if os.WIFSIGNALED(status) else status, flush=True)  # noqa: T201 - the answer


def _live(database_url: str, nats_url: str, step: str, when: str, head: int) -> None:
    if step in STEPS:
        owner, name = STEPS[step]
        setattr(owner, name, _dying(getattr(owner, name), when))
    try:
        asyncio.run(_seal(database_url, nats_url, head))
        os._exit(0)
    finally:
        os._exit(1)


async def _seal(database_url: str, nats_url: str, head: int) -> None:
    async with sealing(database_url, nats_url) as one:
        running = asyncio.create_task(one.sealer.run())
        one.commits.head.advance(head)
        await one.sealer.sealed.wait_for(head, timeout=20)
        await until(lambda: not one.sealer._unannounced)
        running.cancel()


def _dying(step: Callable[..., Awaitable[Any]], when: str) -> Callable[..., Awaitable[Any]]:
    async def dies(*arguments: Any) -> None:
        if when == "after":
            await step(*arguments)
        if when == "during":
            asyncio.ensure_future(step(*arguments))  # noqa: RUF006 - nothing outlives the next two lines
            await asyncio.sleep(0)
        os.kill(os.getpid(), signal.SIGKILL)

    return dies


if __name__ == "__main__":
    main(*sys.argv[1:])
