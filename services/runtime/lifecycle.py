"""Start, run until told to stop, stop cleanly: one contract for every service.

SIGTERM and SIGINT ask for a clean stop; a second one ends it at once. A service that is still starting (it
waits for its servers, perhaps for ever) has nothing to finish, and gives that up. A background task that
crashes, or ends before its time, takes the service down with a status other than 0, so that a supervisor
starts it again.
"""

import asyncio
import contextlib
import resource
import signal
import socket
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any, Final, Literal, Self

import structlog
import uvloop

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

FAILED: Final = 1
INTERRUPTED: Final = 130


class TaskEnded(Exception):
    """A background task returned although nobody had asked the service to stop."""


class Stop(asyncio.Event):
    """Set by a signal; a service that does not wait for it yet is still starting."""

    def __init__(self) -> None:
        super().__init__()
        self.awaited = False

    async def wait(self) -> Literal[True]:
        """Wait until it is set."""
        self.awaited = True
        return await super().wait()


def run(main: Callable[[asyncio.Event], Awaitable[None]]) -> int:
    """Run `main(stop)` on an event loop of its own; `stop` is set by SIGTERM or SIGINT.

    Until `main` awaits `stop.wait()`, a signal cancels it. Returns the status for `sys.exit`: 0 after a clean
    stop, 1 if `main` raised (it is logged), 130 if a second signal cut it short.
    """
    _open_as_many_files_as_may_be()
    return uvloop.run(_main(main))


class Background(AbstractAsyncContextManager["Background"]):
    """`async with Background() as background:` runs tasks for as long as its body.

    A task that raises, returns early or is cancelled by anybody else cancels the body and the other tasks,
    and comes out as an `ExceptionGroup`. When the body ends, the tasks are cancelled and awaited.
    """

    def __init__(self) -> None:
        self._group = asyncio.TaskGroup()
        self._tasks: list[asyncio.Task[None]] = []
        self._ending = False

    def start(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start `work`, which is expected to run until it is cancelled."""
        task = self._group.create_task(_forever(name, work), name=name)
        # A task that is cancelled before its first step never awaits its work.
        task.add_done_callback(lambda _: work.close())
        task.add_done_callback(self._note_end)
        self._tasks.append(task)
        return task

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending = True
        for task in self._tasks:
            task.cancel()
        await self._group.__aexit__(kind, error, trace)

    def _note_end(self, task: asyncio.Task[None]) -> None:
        # The group takes a task that was cancelled for one that is done, and would go on without it.
        if task.cancelled() and not self._ending:
            self._group.create_task(_end(task.get_name()))
        self._ending = True


async def _forever(name: str, work: Coroutine[Any, Any, None]) -> None:
    await work
    await _end(name)


async def _end(name: str) -> None:
    raise TaskEnded(name)


async def _main(main: Callable[[asyncio.Event], Awaitable[None]]) -> int:
    stop = Stop()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_log_stray)
    working = asyncio.ensure_future(main(stop))

    def on_signal(number: signal.Signals) -> None:
        log.info("service.stopping", signal=number.name)
        if stop.is_set() or not stop.awaited:
            working.cancel()
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal, number)
    try:
        await working
    except asyncio.CancelledError:
        if not stop.awaited:
            log.info("service.stopped")
            return 0
        log.warning("service.cut_short", code=INTERRUPTED)
        return INTERRUPTED
    except Exception:
        log.exception("service.failed", code=FAILED)
        return FAILED
    log.info("service.stopped")
    return 0


def _open_as_many_files_as_may_be() -> None:
    """A shell lets a process have 1024: connections that say nothing could take them all."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _log_stray(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    # Who had a name resolved, and waits no more, leaves that to fail by itself.
    if not isinstance(error, socket.gaierror):
        log.error("task.stray_error", exc_info=error)
