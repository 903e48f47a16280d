"""Wait for what tells nobody that it happened, such as a reconnection: looked at often, within a bound."""

import asyncio
from collections.abc import Awaitable, Callable


async def until(condition: Callable[[], bool | Awaitable[bool]], seconds: float = 20.0) -> None:
    """Return once `condition()` holds; raises `TimeoutError` after `seconds`."""
    async with asyncio.timeout(seconds):
        while not await _holds(condition):  # noqa: ASYNC110 -- nobody would set the event
            await asyncio.sleep(0.005)


async def _holds(condition: Callable[[], bool | Awaitable[bool]]) -> bool:
    found = condition()
    return found if isinstance(found, bool) else await found
