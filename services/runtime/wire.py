"""Take requests off connections, none of which costs much before it has asked whole, or holds on for ever.

uvicorn by itself bounds neither the bytes of a request's head nor the seconds in which a request arrives.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final
from uuid import uuid4

import httptools
import msgspec
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from services.runtime.guards import guarded
from services.runtime.problems import MEDIA_TYPE, Kind

MOST_CONNECTIONS: Final = 900  # at once; a process often may have no more than 1024 files open
LONGEST_URL: Final = 8 * 1024
LARGEST_HEAD: Final = 32 * 1024  # bytes of a request before its body
MOST_HEADERS: Final = 100
HEAD_SECONDS: Final = 10.0  # in which the head of a request arrives, and the first one begins
BODY_SECONDS: Final = 20.0  # in which at least `BODY_BYTES` of a body arrive
BODY_BYTES: Final = 64 * 1024
READ_SECONDS: Final = 60.0  # in which at least `READ_BYTES` of what waits for a client are taken by it
READ_BYTES: Final = 64 * 1024
LINGER: Final = 1.0  # seconds for which what a refused client still sends is thrown away

VERSIONS: Final = ("1.0", "1.1")
NOT_HTTP: Final = Kind("not-http", "This is no HTTP request", 400, "Speak HTTP/1.1.")
URL_TOO_LONG: Final = Kind(
    "url-too-long", "The address is over the limit", 414, f"The limit is {LONGEST_URL} bytes."
)
HEAD_TOO_LARGE: Final = Kind(
    "head-too-large",
    "The headers are over the limit",
    431,
    f"The limit is {LARGEST_HEAD} bytes and {MOST_HEADERS} headers.",
)
TOO_SLOW: Final = Kind(
    "too-slow",
    "The request did not arrive in time",
    408,
    f"Send its head within {HEAD_SECONDS:.0f} seconds, and at least {BODY_BYTES} bytes of its body every "
    f"{BODY_SECONDS:.0f}, or the rest.",
)
TOO_MANY_CONNECTIONS: Final = Kind(
    "too-many-connections",
    "There are too many connections",
    503,
    "Close those that you do not use, and try again after `Retry-After` seconds.",
)


class Wire(HttpToolsProtocol):
    """One connection. A timer is set only while a request has begun to arrive and is not there yet."""

    def __init__(self, *parts: Any, **named: Any) -> None:
        super().__init__(*parts, **named)
        self._timer: asyncio.TimerHandle | None = None
        self._in_head = False
        self._in_body = False
        self._received = 0  # bytes since the head began, or of the body since the timer was set
        self._head = 0  # bytes of this request's headers
        self._hosts = 0  # of this request
        self._unread = 0  # bytes that waited for the client when it was looked at
        self._watching: asyncio.TimerHandle | None = None
        self._parting: list[asyncio.TimerHandle] = []  # what hangs up on a client that does not
        self._refused = False
        self._fault = NOT_HTTP

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # uvicorn's own narrowing
        """Wait for a request, or send the client away at once."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            self._refuse(TOO_MANY_CONNECTIONS)
        else:
            self._set_timer(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timers: each holds on to the connection."""
        self._drop_timer()
        self._stop_watching()
        self._unset_keepalive_if_required()
        while self._parting:
            self._parting.pop().cancel()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Write no more until the client has read; one that does not read keeps no place for ever."""
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        """Go on: the client reads."""
        self._stop_watching()
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        """Close what nobody asks on; what waits to be read is waited for no longer than that of others."""
        super().timeout_keep_alive_handler()
        self._part(READ_SECONDS, self.transport.abort)

    def data_received(self, data: bytes) -> None:
        """Take what came; set the timer if it is not the whole of a request."""
        if self._is_over():
            return
        if not self._in_body:
            self._received += len(data)
        super().data_received(data)
        if self._is_over():
            self._drop_timer()
        elif self._in_head and self._received > LARGEST_HEAD:
            self._refuse(HEAD_TOO_LARGE)
        elif not (self._in_head or self._in_body):
            self._drop_timer()
        elif self._timer is None:
            self._set_timer(HEAD_SECONDS if self._in_head else BODY_SECONDS)

    def on_message_begin(self) -> None:
        """Begin a head."""
        super().on_message_begin()
        self._in_head, self._received, self._head, self._hosts = True, 0, 0, 0

    def on_url(self, url: bytes) -> None:
        """Take a part of the address."""
        super().on_url(url)
        if len(self.url) > LONGEST_URL:
            self._give_up(URL_TOO_LONG)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; what trails a body is none, whatever it says of who asks."""
        self._head += len(name) + len(value)
        if self._in_head:
            super().on_header(name, value)
            self._judge(name.lower(), value)
        if len(self.headers) > MOST_HEADERS or self._head > LARGEST_HEAD:
            self._give_up(HEAD_TOO_LARGE)

    def on_headers_complete(self) -> None:
        """Begin the body; it has its own time."""
        version = self.parser.get_http_version()
        if version not in VERSIONS or self._hosts > 1 or (version == "1.1" and not self._hosts):
            self._give_up(NOT_HTTP)
        super().on_headers_complete()
        self._in_head, self._in_body, self._received = False, True, 0
        self._drop_timer()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body: by this its progress is told, and not by what is wrapped around it."""
        super().on_body(body)
        self._received += len(body)

    def on_message_complete(self) -> None:
        """Have a whole request."""
        super().on_message_complete()
        self._in_body = False

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the kind of problem says more
        """Refuse what is no request, or was given up."""
        self._refuse(self._fault)

    def _judge(self, name: bytes, value: bytes) -> None:
        """Refuse what one server may read otherwise than the next, so that they see different requests."""
        if name == b"host":
            self._hosts += 1
        elif name == b"transfer-encoding" and value.strip().lower() != b"chunked":
            self._give_up(NOT_HTTP)

    def _give_up(self, kind: Kind) -> None:
        self._fault = kind
        raise httptools.HttpParserCallbackError(kind.slug)

    def _on_time_out(self) -> None:
        self._timer = None
        if self.flow.read_paused or (self._in_body and self._received >= BODY_BYTES):
            self._received = 0
            self._set_timer(BODY_SECONDS)
        elif self._in_head or self._in_body:
            self._refuse(TOO_SLOW)
        else:
            self.transport.close()

    def _refuse(self, kind: Kind) -> None:
        """Answer and hang up; an answer that has begun is broken off, so that none takes a part for it."""
        self._refused = True
        self._drop_timer()
        if self._may_answer():
            self.transport.write(written(kind, "https" if self.scheme == "https" else "http"))
        if self._in_body:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        # Closed at once, what the client still sends would bring it a reset, which takes the answer away.
        self._part(LINGER, self.transport.close)
        self._part(READ_SECONDS, self.transport.abort)

    def _part(self, seconds: float, hang_up: Callable[[], None]) -> None:
        self._parting.append(self.loop.call_later(seconds, hang_up))

    def _watch(self) -> None:
        self._unread = self.transport.get_write_buffer_size()
        self._watching = self.loop.call_later(READ_SECONDS, self._on_unread)

    def _on_unread(self) -> None:
        if self._unread - self.transport.get_write_buffer_size() < READ_BYTES:
            self.transport.abort()
        else:
            self._watch()

    def _stop_watching(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
            self._watching = None

    def _is_over(self) -> bool:
        return self._refused or self.transport.is_closing()

    def _may_answer(self) -> bool:
        """Whether the next bytes on the connection are the answer to what is being refused."""
        if self._in_body:
            return not self.cycle.response_started
        return getattr(self.cycle, "response_complete", True)

    def _set_timer(self, seconds: float) -> None:
        self._timer = self.loop.call_later(seconds, self._on_time_out)

    def _drop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def written(kind: Kind, scheme: str) -> bytes:
    """The whole answer to what is refused before it is a request; the connection is closed after it."""
    document = {
        "type": kind.type,
        "title": kind.title,
        "status": kind.status,
        "detail": kind.advice,
        "instance": f"urn:uuid:{uuid4()}",
    }
    body = msgspec.json.encode(document)
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", b"%d" % len(body)),
        (b"connection", b"close"),
    ]
    if kind is TOO_MANY_CONNECTIONS:
        headers.append((b"retry-after", b"5"))
    lines = [name + b": " + value + b"\r\n" for name, value in guarded(headers, scheme)]
    return b"".join([STATUS_LINE[kind.status], *lines, b"\r\n", body])
