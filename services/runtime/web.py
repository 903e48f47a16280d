"""The HTTP frame of every service: problems, request ids, health, the clock, the OpenAPI document, a clean stop."""

import asyncio
import contextlib
import importlib.metadata
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
import structlog
import uvicorn
from litestar import Litestar, Request, Response, get, put
from litestar.openapi import OpenAPIConfig
from litestar.openapi.datastructures import ResponseSpec
from litestar.types import BeforeRequestHookHandler, ControllerRouterHandler

from services.runtime import problems
from services.runtime.clock import Clock, ClockGoesBack, SystemClock, TestClock
from services.runtime.health import Check, Health, report
from services.runtime.problems import Problem
from services.runtime.requests import Application

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

BODY_LIMIT: Final = 10_000_000
GRACE: Final = 10
"""Seconds that requests in flight have to finish when the service stops."""

OnClock = Callable[[datetime], Awaitable[None]]
NextDue = Callable[[], Awaitable[datetime | None]]


class ClockState(msgspec.Struct, frozen=True):
    """Where the clock stands. `next_due` is the earliest instant at which this service has something to do."""

    now: datetime
    test: bool
    next_due: datetime | None = None


class ClockMove(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a test clock is to stand."""

    now: Annotated[datetime, msgspec.Meta(tz=True, description="RFC 3339, with an offset")]


class Alive(msgspec.Struct, frozen=True):
    """The process answers."""

    alive: bool = True


class ClockBrief(msgspec.Struct, frozen=True):
    """The clock, as `/readyz` shows it."""

    now: datetime
    test: bool


class Readiness(msgspec.Struct, frozen=True):
    """Whether the service can do its work, and what each check found."""

    ready: bool
    checks: dict[str, Health]
    clock: ClockBrief


async def nothing_to_do(_now: datetime) -> None:
    """Be the `on_clock` of a service that does nothing by the clock."""


async def nothing_due() -> datetime | None:
    """Be the `next_due` of a service that does nothing by the clock."""
    return None


def create_app(  # noqa: PLR0913 - the parts that differ between services, each named by its caller
    service: str,
    *,
    routes: Sequence[ControllerRouterHandler],
    clock: Clock | None = None,
    checks: Mapping[str, Check] | None = None,
    on_clock: OnClock = nothing_to_do,
    next_due: NextDue = nothing_due,
    stop: asyncio.Event | None = None,
    body_limit: int = BODY_LIMIT,
    state: Mapping[str, Any] | None = None,
) -> Application:
    """Make a service's application from its own `routes` and what all services have.

    `on_clock` is called after a test clock was moved and returns when the service has acted on the new
    time; it may be called again with the same instant. `stop` is set when live streams must end: see
    `Application.stopping`. `state` is put into Litestar's application state.
    """
    clock = clock or SystemClock()
    handlers = [
        *routes,
        *_health_routes(clock, checks or {}),
        *_clock_routes(clock, on_clock, next_due),
    ]
    document = _LazyDocument(service, handlers)
    app = Application(
        route_handlers=[*handlers, _document_route(document)],
        exception_handlers=problems.handlers(),
        request_max_body_size=body_limit,
        openapi_config=None,
        logging_config=None,
        debug=False,
    )
    app.service_clock = clock
    app.stopping = stop or asyncio.Event()
    app.state.update(dict(state or {}))
    app.document = document
    return app


def openapi(app: Application) -> dict[str, Any]:
    """Give the OpenAPI document of a service, as it is served at `/openapi.json`."""
    return app.document()


def takes(*media_types: str) -> BeforeRequestHookHandler:
    """Refuse other content types with 415: `@post(…, before_request=web.takes("application/json"))`."""

    async def check(request: Request[Any, Any, Any]) -> None:
        sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if sent not in media_types:
            raise Problem(problems.UNSUPPORTED_MEDIA_TYPE, f"Send {' or '.join(media_types)}.")

    return check


@asynccontextmanager
async def serve(app: Application, host: str, port: int) -> AsyncIterator[str]:
    """Serve `app` while the body runs; gives the URL that it listens on. Port 0 takes a free one.

    On leaving, no new connection is taken, `app.stopping` is set so that live streams end, and requests in
    flight have `GRACE` seconds to finish. Raises `OSError` if the port is taken. Signals are left alone.
    """
    listening = socket.create_server((host, port), family=_family(host), backlog=2048, reuse_port=False)
    config = uvicorn.Config(
        app,
        http="httptools",
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
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]), name="web")
    try:
        await server.wait_until_ready(serving)
        url = _url(host, listening.getsockname()[1])
        log.info("web.listening", url=url)
        yield url
    finally:
        app.stopping.set()
        server.should_exit = True
        with contextlib.suppress(SystemExit):
            await serving
        listening.close()


class _Server(uvicorn.Server):
    """A uvicorn that leaves signals to `lifecycle` and says when it is ready."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._ready = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._ready.set()

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
                title=f"caseledger {self._service}", version=_version(), use_handler_docstrings=True
            )
            self._made = Litestar(self._handlers, openapi_config=config).openapi_schema.to_schema()
        return self._made


def _document_route(document: _LazyDocument) -> ControllerRouterHandler:
    @get("/openapi.json", sync_to_thread=False)
    def read_openapi() -> Response[bytes]:
        return Response(msgspec.json.encode(document()), media_type="application/json")

    return read_openapi


def _health_routes(clock: Clock, checks: Mapping[str, Check]) -> list[ControllerRouterHandler]:
    @get("/livez", responses=problems.responses(), sync_to_thread=False)
    def read_liveness() -> Alive:
        """Say that the process answers. A supervisor restarts what does not."""
        return Alive()

    unready = {
        503: ResponseSpec(Readiness, generate_examples=False, description="Not ready; `checks` says why")
    }

    @get("/readyz", responses={**problems.responses(), **unready})
    async def read_readiness() -> Response[Readiness]:
        """Say whether the service can do its work now, and what each check found."""
        found = await report(checks)
        ready = all(health.ok for health in found.values())
        brief = ClockBrief(clock.now(), clock.is_test)
        return Response(Readiness(ready, found, brief), status_code=200 if ready else 503)

    return [read_liveness, read_readiness]


def _clock_routes(clock: Clock, on_clock: OnClock, next_due: NextDue) -> list[ControllerRouterHandler]:
    async def state() -> ClockState:
        return ClockState(clock.now(), clock.is_test, await next_due())

    @get("/v1/clock", responses=problems.responses())
    async def read_clock() -> ClockState:
        """Say what time it is for this service, and when it next has something to do."""
        return await state()

    answers = problems.responses(
        problems.CLOCK_IS_REAL,
        problems.CLOCK_GOES_BACK,
        problems.MALFORMED_JSON,
        problems.UNSUPPORTED_MEDIA_TYPE,
        problems.BODY_TOO_LARGE,
    )

    @put("/v1/clock", responses=answers, before_request=takes("application/json"))
    async def move_clock(data: ClockMove) -> ClockState:
        """Move a test clock forward; answers once the service has acted on the new time."""
        _move(clock, data.now)
        await on_clock(clock.now())
        return await state()

    return [read_clock, move_clock]


def _move(clock: Clock, instant: datetime) -> None:
    if not isinstance(clock, TestClock):
        raise Problem(problems.CLOCK_IS_REAL)
    try:
        clock.set(instant)
    except ClockGoesBack as error:
        raise Problem(problems.CLOCK_GOES_BACK, str(error)) from error
    except OverflowError as error:
        raise Problem(problems.INVALID_REQUEST, "No calendar reaches that instant.") from error


def _version() -> str:
    try:
        return importlib.metadata.version("caseledger")
    except importlib.metadata.PackageNotFoundError:
        return "0.0.0"


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
