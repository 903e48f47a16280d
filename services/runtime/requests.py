"""Around every request: who may ask, its id in and out, a line in the log, a loud word on what is unusual."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID, uuid4

import structlog
from litestar import Litestar
from litestar.plugins import PluginProtocol
from litestar.plugins.core import MsgspecDIPlugin
from litestar.routes import HTTPRoute
from litestar.types import HTTPResponseStartEvent, Message, Receive, Scope, Send

from services.runtime import clock as clocks
from services.runtime.guards import guarded
from services.runtime.identity import gate
from services.runtime.identity.authentication import Authentication
from services.runtime.identity.link import Links
from services.runtime.limits import Buckets, Limits, Places
from services.runtime.lineend import LineEnd
from services.runtime.logs import REQUEST_ID
from services.runtime.queries import Queries, declared

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

TEST_CLOCK_HEADER: Final = b"caseledger-test-clock"
AUTHENTICATION_HEADER: Final = b"caseledger-authentication"
REQUEST_ID_HEADER: Final = b"x-request-id"
SLOW: Final = 1_000.0
"""Milliseconds, from which on an answer is worth a line of its own."""


class Application(Litestar):
    """A Litestar whose every answer, those of the router too, carries the request's id.

    A caller's `X-Request-ID` is kept if it is a UUID; else a new one is made. The log line has the method,
    the route as it was declared and the status, never the address that was asked for.
    """

    def __init__(  # noqa: PLR0913 - the parts of a service, by keyword
        self,
        *,
        clock: clocks.Clock,
        authentication: Authentication,
        links: Links | None = None,
        stopping: asyncio.Event,
        document: Callable[[], dict[str, Any]],
        limits: Limits,
        **litestar: Any,
    ) -> None:
        self.buckets = Buckets(limits.rate)
        """What each request takes one from: of its client, or where it leads nowhere of its address."""
        guard, queries = gate.Gate(authentication, self.buckets, links, clock), Queries()
        super().__init__(middleware=[guard.around, queries.around], **litestar)
        guard.actions = gate.declared(self.routes)
        queries.known = declared(self.routes)
        self._authenticates = not authentication.is_off
        self.service_clock = clock
        self.stopping = stopping
        """Set when the service stops: whatever streams without end watches it."""
        self.document = document
        """Makes the OpenAPI document."""
        self.places = Places(limits.streams)
        """What a stream takes one of while it is answered."""
        # Litestar 2.25 answers OPTIONS with the methods of the handler that was registered first.
        self._methods = {
            route.path_format: ", ".join(sorted(route.methods)).encode()
            for route in self.routes
            if isinstance(route, HTTPRoute)
        }

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        # Litestar loads those of pydantic wherever it finds that: a fifth of the time that a start takes.
        return [*plugins, MsgspecDIPlugin()]

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
        line = LineEnd()

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*self._headers(scope, message), *self._marks(request_id)]
                message["headers"] = guarded(line.begin(headers), scope["scheme"])
            elif message["type"] == "http.response.body":
                line.end(message)
            await send(message)

        try:
            await super().__call__(scope, receive, send_marked)
        finally:
            _write_line(scope, status, began)
            REQUEST_ID.reset(token)

    def _headers(self, scope: Scope, message: HTTPResponseStartEvent) -> Iterable[tuple[bytes, bytes]]:
        if scope.get("method") != "OPTIONS" or (template := scope.get("path_template")) not in self._methods:
            return message["headers"]
        kept = [header for header in message["headers"] if header[0] != b"allow"]
        return [*kept, (b"allow", self._methods[template])]

    def _marks(self, request_id: str) -> list[tuple[bytes, bytes]]:
        marks = [(REQUEST_ID_HEADER, request_id.encode())]
        if self.service_clock.is_test:
            marks.append((TEST_CLOCK_HEADER, clocks.text(self.service_clock.now()).encode()))
        if not self._authenticates:
            marks.append((AUTHENTICATION_HEADER, b"off"))
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
    """What went well, and quickly, is a line for `debug` only: thousands a second say nothing at 3 a.m."""
    milliseconds = round((time.perf_counter() - began) * 1000, 2)
    log.log(
        _level(status, milliseconds),
        "request.answered",
        method=scope.get("method", ""),
        route=scope.get("path_template", "") or "none",
        status=status,
        milliseconds=milliseconds,
    )


def _level(status: int, milliseconds: float) -> int:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return logging.WARNING
    return logging.INFO if status >= HTTPStatus.BAD_REQUEST or milliseconds >= SLOW else logging.DEBUG
