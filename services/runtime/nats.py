"""Reach NATS: wait until it answers, reconnect for ever, and never await one of its futures without bound."""

import asyncio
from collections.abc import Awaitable
from typing import Final, TypeVar

import nats
import structlog
from nats.aio.client import Client

from services.runtime.logs import named
from services.runtime.postgres import server_of

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

RECONNECT_PAUSE: Final = 1
PING_INTERVAL: Final = 5

T = TypeVar("T")


async def connect(url: str, *, name: str) -> Client:
    """Connect, waiting for the server as long as it takes, one log line a try; afterwards reconnect for ever.

    A publish during an outage is kept and sent on reconnect, even if its caller has given up. The caller
    closes the client with `close`.
    """
    server = server_of(url)

    async def on_error(error: Exception) -> None:
        log.warning("nats.trouble", server=server, error=_named(error), retry_in=RECONNECT_PAUSE)

    async def on_disconnect() -> None:
        log.warning("nats.disconnected", server=server)

    async def on_reconnect() -> None:
        log.info("nats.reconnected", server=server)

    return await nats.connect(
        url,
        name=name,
        error_cb=on_error,
        disconnected_cb=on_disconnect,
        reconnected_cb=on_reconnect,
        allow_reconnect=True,
        max_reconnect_attempts=-1,
        reconnect_time_wait=RECONNECT_PAUSE,
        connect_timeout=2,
        ping_interval=PING_INTERVAL,
        max_outstanding_pings=2,
    )


async def close(client: Client, *, seconds: float = 2.0) -> None:
    """Send what is waiting and close; each is given up after `seconds`: a broker may be gone for good."""
    for finish in (client.flush, client.close):
        try:
            if not client.is_closed:
                await bounded(finish(), seconds)
        except (TimeoutError, nats.errors.Error, OSError) as error:
            log.warning("nats.closed_untidily", error=named(error))


async def bounded(awaitable: Awaitable[T], seconds: float) -> T:
    """Await something of nats-py for at most `seconds`; raises `TimeoutError`.

    A future that was outstanding when the broker died never resolves, so nothing awaits one bare. What
    became of a request that ran out of time is unknown.
    """
    task = asyncio.current_task()
    cancelling = task.cancelling() if task else 0
    async with asyncio.timeout(seconds):
        result = await awaitable
        # nats-py uses `wait_for`, which drops a cancellation that arrives with the answer (Python 3.11).
        if task and task.cancelling() > cancelling:
            raise asyncio.CancelledError
        return result


def _named(error: Exception) -> str:
    # nats-py has this type but does not use it on connecting. Other messages may name a case: none is quoted.
    return "AuthorizationError" if "authorization violation" in str(error).lower() else named(error)
