"""The HTTP frame of every service: problems, request ids, health, the clock, its OpenAPI, a clean stop."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from typing import Any, Final

import msgspec
import structlog
import uvicorn
from litestar import Litestar, Response, get
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.types import ControllerRouterHandler

from services.runtime import failures
from services.runtime.clock import Clock, SystemClock
from services.runtime.handshake import listening
from services.runtime.health import Check, of_authentication, of_clock
from services.runtime.identity.authentication import Authentication
from services.runtime.identity.link import Links
from services.runtime.limits import Limits
from services.runtime.product import PRODUCT, version
from services.runtime.requests import Application
from services.runtime.routes import (
    PUBLIC,
    NextDue,
    clock_routes,
    health_routes,
    nothing_due,
)
from services.runtime.tls import Certificate
from services.runtime.wire import HEAD_SECONDS, Wire

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

BEARER: Final = SecurityScheme(type="http", scheme="bearer", description="A key's token, `cl_…`")
BODY_LIMIT: Final = 10_000_000
BACKLOG: Final = 2048
GRACE: Final = 10
"""Seconds that requests in flight have to finish when the service stops."""


def create_app(  # noqa: PLR0913 - the parts that differ between services, each named by its caller
    service: str,
    *,
    routes: Sequence[ControllerRouterHandler],
    authentication: Authentication,
    links: Links | None = None,
    clock: Clock | None = None,
    checks: Mapping[str, Check] | None = None,
    next_due: NextDue = nothing_due,
    stop: asyncio.Event | None = None,
    body_limit: int = BODY_LIMIT,
    limits: Limits | None = None,
    state: Mapping[str, Any] | None = None,
) -> Application:
    """Make a service's application from its own `routes` and what all services have.

    Every route declares the action that it is (see `identity.gate`); raises `Undeclared` if one does not.
    With `links`, one that is signed opens its page.

    `next_due` says when the service next has something to do; on a test clock, which may just have been
    moved, it returns when the service has acted on the time that it is. `stop` is set when live streams must
    end: see `Application.stopping`. `state` is put into Litestar's application state.
    """
    clock = clock or SystemClock()
    usual = {"clock": of_clock(clock), "authentication": of_authentication(authentication)}
    handlers = [
        *routes,
        *health_routes(clock, {**(checks or {}), **usual}),
        *clock_routes(clock, next_due),
    ]
    document = _LazyDocument(service, handlers)
    app = Application(
        clock=clock,
        authentication=authentication,
        links=links,
        stopping=stop or asyncio.Event(),
        document=document,
        limits=limits or Limits(),
        route_handlers=[*handlers, _document_route(document), _front_door(service)],
        exception_handlers=failures.handlers(),
        request_max_body_size=body_limit,
        openapi_config=None,
        logging_config=None,
        debug=False,
    )
    app.state.update(dict(state or {}))
    return app


def openapi(app: Application) -> dict[str, Any]:
    """Give the OpenAPI document of a service, as it is served at `/openapi.json`."""
    return app.document()


@asynccontextmanager
async def serve(
    app: Application, host: str, port: int, *, certificate: Certificate | None = None
) -> AsyncIterator[str]:
    """Serve `app` while the body runs; gives the URL that it listens on. Port 0 takes a free one.

    With a `certificate` it speaks TLS, 1.2 or newer, and nothing else: HTTP in clear is told so.

    On leaving, no new connection is taken, `app.stopping` is set so that live streams end, and requests in
    flight have `GRACE` seconds to finish. Raises `OSError` if the port is taken. Signals are left alone.
    """
    listener = socket.create_server((host, port), family=_family(host), backlog=BACKLOG, reuse_port=False)
    # Connections inherit it. asyncio itself does this only for sockets that it made: without it, an answer
    # whose head and body are written apart waits 40 ms for the acknowledgement of its head.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(
        app,
        http=Wire,
        loop="none",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE,
        timeout_keep_alive=30,
    )
    server = _Server(config, listening(certificate) if certificate else None)
    serving = asyncio.create_task(server.serve(sockets=[listener]), name="web")
    try:
        await server.wait_until_ready(serving)
        url = _url(host, listener.getsockname()[1], "https" if certificate else "http")
        log.info("web.listening", url=url)
        yield url
    finally:
        app.stopping.set()
        server.should_exit = True
        with contextlib.suppress(SystemExit):
            await serving
        listener.close()


class _Server(uvicorn.Server):
    """A uvicorn that leaves signals to `lifecycle`, listens by itself, and says when it is ready."""

    def __init__(self, config: uvicorn.Config, tls: ssl.SSLContext | None) -> None:
        super().__init__(config)
        self._tls = tls
        self._ready = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=[])
        loop = asyncio.get_running_loop()
        for each in sockets or []:
            # uvicorn would wait a minute for a handshake, in which a connection counts as none yet.
            patience = HEAD_SECONDS if self._tls else None
            self.servers.append(
                await loop.create_server(
                    self._connection,
                    sock=each,
                    ssl=self._tls,
                    ssl_handshake_timeout=patience,
                    backlog=BACKLOG,
                )
            )
        self._ready.set()

    def _connection(self) -> Wire:
        return Wire(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)

    async def wait_until_ready(self, serving: asyncio.Task[None]) -> None:
        ready = asyncio.create_task(self._ready.wait())
        await asyncio.wait({ready, serving}, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if serving.done():
            raise RuntimeError("The web server did not start; its own log line says why.")


class _LazyDocument:
    """The OpenAPI document, made once when it is first asked for.

    It comes from a second application that is never served: Litestar's own documentation routes would answer
    unknown addresses under them with HTML.
    """

    def __init__(self, service: str, handlers: Sequence[ControllerRouterHandler]) -> None:
        self._service = service
        self._handlers = handlers
        self._made: dict[str, Any] | None = None

    def __call__(self) -> dict[str, Any]:
        if self._made is None:
            config = OpenAPIConfig(
                title=f"caseledger {self._service}",
                version=version(),
                use_handler_docstrings=True,
                security=[{"bearer": []}],
                components=Components(security_schemes={"bearer": BEARER}),
                operation_id_creator=lambda handler, _method, _path: handler.handler_name,
            )
            self._made = Litestar(
                self._handlers, openapi_config=config, logging_config=None
            ).openapi_schema.to_schema()
        return self._made


def _document_route(document: _LazyDocument) -> ControllerRouterHandler:
    @cache
    def encoded() -> bytes:
        return msgspec.json.encode(document())  # large, and nobody needs a token to ask for it

    @get("/openapi.json", opt=PUBLIC, sync_to_thread=False)
    def read_openapi() -> Response[bytes]:
        return Response(encoded(), media_type="application/json")

    return read_openapi


def _front_door(service: str) -> ControllerRouterHandler:
    """Say to somebody who only has the address what this is, and where it explains itself."""
    said = {
        "product": PRODUCT,
        "service": service,
        "version": version(),
        "openapi": "/openapi.json",
        "readyz": "/readyz",
    }

    @get("/", opt=PUBLIC, sync_to_thread=False)
    def read_front_door() -> Response[dict[str, str]]:
        return Response(said)

    return read_front_door


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _url(host: str, port: int, scheme: str) -> str:
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
