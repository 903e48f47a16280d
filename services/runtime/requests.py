"""Around every request: its id in and out, one line in the log, and a loud word about a test clock."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID, uuid4

import structlog
from litestar import Litestar
from litestar.types import Message, Receive, Scope, Send

from services.runtime import clock as clocks
from services.runtime.logs import REQUEST_ID

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

TEST_CLOCK_HEADER: Final = b"caseledger-test-clock"
REQUEST_ID_HEADER: Final = b"x-request-id"
QUIET: Final = frozenset({"/livez", "/readyz"})
"""Asked every few seconds by machines: logged at debug."""


class Application(Litestar):
    """A Litestar whose every answer, those of the router too, carries the request's id.

    A caller's `X-Request-ID` is kept if it is a UUID; else a new one is made. The log line has the method,
    the route as it was declared and the status, never the address that was asked for.
    """

    service_clock: clocks.Clock
    stopping: asyncio.Event
    """Set when the service stops: whatever streams without end watches it."""
    document: Callable[[], dict[str, Any]]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Be an ASGI application."""
        if scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        request_id = _request_id(scope)
        token = REQUEST_ID.set(request_id)
        status = 0

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *self._marks(request_id)]
            await send(message)

        try:
            await super().__call__(scope, receive, send_marked)
        finally:
            _write_line(scope, status, began)
            REQUEST_ID.reset(token)

    def _marks(self, request_id: str) -> list[tuple[bytes, bytes]]:
        marks = [(REQUEST_ID_HEADER, request_id.encode())]
        if self.service_clock.is_test:
            marks.append((TEST_CLOCK_HEADER, clocks.text(self.service_clock.now()).encode()))
        return marks


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == REQUEST_ID_HEADER:
            try:
                return str(UUID(value.decode("latin-1")))
            except ValueError:
                break
    return str(uuid4())


def _write_line(scope: Scope, status: int, began: float) -> None:
    route = scope.get("path_template", "")
    log.log(
        10 if route in QUIET else 20,
        "request.answered",
        method=scope.get("method", ""),
        route=route or "none",
        status=status,
        milliseconds=round((time.perf_counter() - began) * 1000, 2),
    )
