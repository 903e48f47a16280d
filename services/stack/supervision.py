"""Start again what dies, sooner the first time than the tenth, with one line for whoever watches."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import Final

from services.stack.errors import StackError
from services.stack.server import Server

SHORTEST: Final = 0.1
LONGEST: Final = 5.0
HEALTHY: Final = 30.0
"""Seconds after which a process counts as well, and its next death as its first."""

Revive = Callable[[Server], Awaitable[None]]
Say = Callable[[str], None]


async def keep(server: Server, revive: Revive, say: Say) -> None:
    """Call `revive` each time that `server`'s process ends, for ever; cancel it before a stop."""
    loop = asyncio.get_running_loop()
    pause = SHORTEST
    while True:
        began = loop.time()
        status = await server.child.wait()
        if loop.time() - began > HEALTHY:
            pause = SHORTEST
        say(
            f"{server.name} {how_it_ended(status)}; starting it again in {pause:.1f} s. Its log: {server.log}"
        )
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST)
        try:
            await revive(server)
        except (StackError, OSError) as error:
            say(f"{server.name} did not come back: {error}")


def how_it_ended(status: int) -> str:
    """An exit status in words."""
    if status >= 0:
        return f"ended with status {status}"
    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"was ended by signal {-status}"
