"""Reach NATS: try until it answers, reconnect for ever, and never await one of its futures without bound."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import nats
import structlog
from nats.aio.client import Client

from services.runtime.logs import named
from services.runtime.postgres import server_of

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

RECONNECT_PAUSE: Final = 1
PING_INTERVAL: Final = 5
FIRST: Final = 2.0
CLOSING: Final = 2.0
PUBLISHED: Final = "relay.published"
"""What the relay says, with the last position, when there is more on the stream of events."""

_PLAIN: Final = re.compile(r"[A-Za-z0-9_-]+")

T = TypeVar("T")


class NotEncrypted(nats.errors.Error):
    """The server of a `tls://` URL, or somebody before it, would go on in clear: nothing is said to it."""


class NotAnswered(nats.errors.TimeoutError):
    """The connection was lost on which the answer would have come."""


class _Client(Client):
    def give_up(self) -> None:
        """Fail every request that is outstanding: nobody answers it on the next connection."""
        for asked in list(self._resp_map.values()):
            if not asked.done():
                asked.set_exception(NotAnswered())

    async def _process_info(self, info: dict[str, Any], initial_connection: bool = False) -> None:  # noqa: FBT001, FBT002 - nats-py's
        # The server's first word comes in clear, and nats-py does as it says: whoever changed that word would
        # be told the password. A `tls://` URL means TLS or nothing.
        here = self._current_server
        if initial_connection and here and here.uri.scheme == "tls" and not info.get("tls_required"):
            raise NotEncrypted
        await super()._process_info(info, initial_connection)


@asynccontextmanager
async def connection(url: str, *, name: str) -> AsyncIterator[Client]:
    """A client that reaches for the server until it answers, one log line a try, and for ever reconnects.

    A server that is away holds nobody up: the client is given after `FIRST` seconds, connected or not, and
    what was asked on a connection that is lost is given up at once. A publish while it is not connected is
    kept and sent on connecting, even if its caller has given up. At the end, what waits is sent, within
    `CLOSING` seconds: a broker may be gone for good. With a `tls://` URL, no password and nothing else is
    said to a server that does not go over to TLS.
    """
    server, client = server_of(url), _Client()

    async def on_error(error: Exception) -> None:
        log.warning("nats.trouble", server=server, error=_named(error), retry_in=RECONNECT_PAUSE)

    async def on_disconnect() -> None:
        log.warning("nats.disconnected", server=server)
        client.give_up()

    async def on_reconnect() -> None:
        log.info("nats.reconnected", server=server)

    connecting = asyncio.create_task(
        client.connect(
            url,
            name=name,
            inbox_prefix=inbox_of(url),
            error_cb=on_error,
            disconnected_cb=on_disconnect,
            reconnected_cb=on_reconnect,
            allow_reconnect=True,
            max_reconnect_attempts=-1,
            reconnect_time_wait=RECONNECT_PAUSE,
            connect_timeout=2,
            ping_interval=PING_INTERVAL,
            max_outstanding_pings=2,
        ),
        name="connecting to NATS",
    )
    try:
        await asyncio.wait([connecting], timeout=FIRST)
        if connecting.done():
            connecting.result()
        yield client
    finally:
        connecting.cancel()
        await _close(client)


def inbox_of(url: str) -> bytes:
    """Where the answers to the user of a URL come: each may be let into its own inbox, and no other's."""
    user = urlsplit(url).username or ""
    return f"_INBOX_{user}".encode() if _PLAIN.fullmatch(user) else b"_INBOX"


async def _close(client: Client) -> None:
    for finish in (client.flush, client.close) if client.is_connected else (client.close,):
        try:
            if not client.is_closed:
                await bounded(finish(), CLOSING)
        except (TimeoutError, nats.errors.Error, OSError) as error:
            log.warning("nats.closed_untidily", error=named(error))


async def bounded(awaitable: Awaitable[T], seconds: float) -> T:
    """Await something of nats-py for at most `seconds`; raises `TimeoutError`.

    What nats-py waits for when the broker dies may never come, so nothing awaits it bare. What became of a
    request that ran out of time is unknown.
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
