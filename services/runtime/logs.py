"""Structured logs that hold names and numbers, never prose about people.

An event is a dotted name, `log.info("relay.published", position=7)`. A key that is not on the list is dropped
and its name put under `dropped`; an exception is logged as its type and its frames, since its message may
quote what somebody typed.
"""

import logging
import ssl
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Final, Literal, TypeGuard

import msgspec
import structlog

Format = Literal["json", "console"]
Level = Literal["debug", "info", "warning", "error"]

KEYS: Final = frozenset(
    {
        "after",
        "application",
        "attempt",
        "check",
        "clock",
        "code",
        "consumer",
        "count",
        "dropped",
        "environment",
        "error",
        "event",
        "first",
        "host",
        "last",
        "level",
        "logger",
        "message",
        "method",
        "migration",
        "migrations",
        "milliseconds",
        "name",
        "now",
        "port",
        "position",
        "reason",
        "request",
        "retry_in",
        "role",
        "route",
        "schema",
        "seconds",
        "sequence",
        "server",
        "service",
        "signal",
        "slug",
        "source",
        "stack",
        "status",
        "stream",
        "subject",
        "task",
        "test",
        "timestamp",
        "url",
        "version",
    }
)
"""What any service may log. A service adds its own keys when it calls `configure`."""

REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request being answered; in every log line and passed on by `client`."""

_Event = MutableMapping[str, Any]


def configure(service: str, fmt: Format | None, level: Level = "info", *, keys: Iterable[str] = ()) -> None:
    """Send all logs of this process to stderr, one line an event.

    `fmt` None means `console` on a terminal and `json` elsewhere. `keys` are allowed beside `KEYS`. Libraries
    that use `logging` are heard from `warning` upwards.
    """
    chosen = fmt or ("console" if sys.stderr.isatty() else "json")
    renderer: Any
    factory: Any
    if chosen == "json":
        renderer = structlog.processors.JSONRenderer(serializer=lambda line, **_: msgspec.json.encode(line))
        factory = structlog.BytesLoggerFactory(sys.stderr.buffer)
    else:
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        factory = structlog.PrintLoggerFactory(sys.stderr)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            _Origin(service),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            describe_exception,
            AllowListed(keys),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=factory,
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[_Libraries()], level=logging.WARNING, force=True)


def named(error: BaseException) -> str:
    """Name an error, without its message, by its type and the code of the system, Postgres or OpenSSL."""
    kind = type(error).__name__
    if refused := _refused_certificate(error):
        return f"{kind} certificate {refused.verify_code}"
    if isinstance(error, OSError) and error.strerror and error.errno:
        return f"{kind} {error.errno}"
    if isinstance(code := getattr(error, "sqlstate", None), str):
        return f"{kind} {code}"
    return kind


def _refused_certificate(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error


class AllowListed:
    """Keep the keys that are on the list; say which others were dropped."""

    def __init__(self, keys: Iterable[str] = ()) -> None:
        self._keys = KEYS | frozenset(keys)

    def __call__(self, _logger: object, _method: str, event: _Event) -> Mapping[str, Any]:
        """Be a structlog processor."""
        if unlisted := event.keys() - self._keys:
            kept = {key: value for key, value in event.items() if key in self._keys}
            return kept | {"dropped": sorted(unlisted)}
        return event


def describe_exception(_logger: object, _method: str, event: _Event) -> Mapping[str, Any]:
    """Replace `exc_info` by the error's name and where it came from."""
    found = event.pop("exc_info", None)
    error = sys.exc_info()[1] if found is True else found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        event["error"] = [named(leaf) for leaf in _leaves(error)]
        event["stack"] = [frame for leaf in _leaves(error) for frame in _frames(leaf.__traceback__)]
    return event


class _Origin:
    def __init__(self, service: str) -> None:
        self._service = service

    def __call__(self, _logger: object, _method: str, event: _Event) -> Mapping[str, Any]:
        event["service"] = self._service
        if request := REQUEST_ID.get():
            event["request"] = request
        return event


class _Libraries(logging.Handler):
    """Hand a library's record on as its template, without the values that were put into it.

    A connection that was lost is named and no more: in an outage the stacks would hide the lines that say so.
    """

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        found = {"error": [named(error)]} if _is_lost(error) else {"exc_info": record.exc_info or None}
        structlog.get_logger().log(
            record.levelno,
            "library.said",
            logger=record.name,
            message=str(record.msg) if record.args else record.name,
            **found,
        )


def _is_lost(error: BaseException | None) -> TypeGuard[BaseException]:
    if error is None:
        return False
    from services.runtime.postgres import AWAY  # noqa: PLC0415 - slow to import where all goes well

    return isinstance(error, AWAY)


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error


def _frames(trace: TracebackType | None) -> Iterator[str]:
    for frame in traceback.extract_tb(trace):
        yield f"{frame.filename}:{frame.lineno} {frame.name}"
