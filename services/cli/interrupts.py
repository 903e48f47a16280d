"""Run a command so that it cleans up however it is told to stop."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any, Final

STOPPING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interruption:
    """Which signal, if any, has asked the command to stop."""

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None


def run(main: Callable[[Interruption], Coroutine[Any, Any, int]]) -> int:
    """Run `main` on an event loop and return its exit status.

    The first signal cancels it and makes the status 128 and the signal's number, as a shell would say it,
    unless `main` returns one of its own. Further signals change nothing: the cleaning up is bounded.
    """
    return asyncio.run(_run(main))


async def _run(main: Callable[[Interruption], Coroutine[Any, Any, int]]) -> int:
    interruption = Interruption()
    working = asyncio.ensure_future(main(interruption))

    def on_signal(number: signal.Signals) -> None:
        if interruption.signal is None:
            interruption.signal = number
            working.cancel()

    for number in STOPPING:
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup keeps its promise
            asyncio.get_running_loop().add_signal_handler(number, on_signal, number)
    try:
        return await working
    except asyncio.CancelledError:
        if interruption.signal is None:
            raise
        return 128 + interruption.signal
