"""Wait for what tells nobody that it happened, such as a reconnection: looked at often, within a bound.

A look may cost a request or a query, so the longer it takes, the longer the pause until the next.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

_SHORTEST: Final = 0.005
_LONGEST: Final = 0.05
_LONGER: Final = 1.3


async def until(condition: Callable[[], bool | Awaitable[bool]], seconds: float = 20.0) -> None:
    """Return once `condition()` holds; raises `TimeoutError` after `seconds`."""
    pause = _SHORTEST
    async with asyncio.timeout(seconds):
        while not await _holds(condition):
            await asyncio.sleep(pause)
            pause = min(_LONGEST, pause * _LONGER)


async def _holds(condition: Callable[[], bool | Awaitable[bool]]) -> bool:
    found = condition()
    return found if isinstance(found, bool) else await found
