"""Hurt a server of one's own: pause it, kill it, bring it back. Never one that other tests share."""

import contextlib
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from services.stack.postgres import Postgres, workers_of
from services.stack.server import Server


def pause(server: Server) -> None:
    """Freeze it and its workers, as a stalled machine would: connections stay open and nothing answers."""
    server.child.send(signal.SIGSTOP)
    _signal_workers(server, signal.SIGSTOP)
    while server.child.running and not _is_frozen(server.child.pid):
        os.sched_yield()  # the signal has been sent; each thread takes it when it next runs


def resume(server: Server) -> None:
    """Let it go on where it was frozen."""
    _signal_workers(server, signal.SIGCONT)
    server.child.send(signal.SIGCONT)


async def kill(server: Server) -> None:
    """`kill -9` it and its workers."""
    await server.kill()


async def restart(server: Server) -> None:
    """Kill it unless it is dead already, and return when it serves again on the same port and data."""
    if server.child.running:
        await server.kill()
    await server.start()


@contextlib.contextmanager
def paused(server: Server) -> Iterator[None]:
    """Frozen within, going on afterwards."""
    pause(server)
    try:
        yield
    finally:
        resume(server)


@contextlib.asynccontextmanager
async def away(server: Server) -> AsyncIterator[None]:
    """Dead within, serving again afterwards."""
    await kill(server)
    try:
        yield
    finally:
        await server.start()


def _is_frozen(pid: int) -> bool:
    threads = Path(f"/proc/{pid}/task").glob("*/stat")
    return all(thread.read_text().rpartition(")")[2].split()[0] in "TtZ" for thread in threads)


def _signal_workers(server: Server, sig: signal.Signals) -> None:
    if isinstance(server, Postgres):
        for pid in workers_of(server.child.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, sig)
