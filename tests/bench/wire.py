"""The load client's end of the wire: keep-alive HTTP/1.1 over bare protocols, as little work as will do.

It shares the machine with what it measures; what it spends is taken from both sides alike.
"""

import asyncio
from typing import NamedTuple, Self, cast
from urllib.parse import urlsplit

from tests.support.tokens import TOKEN

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"content-length: "


class Answer(NamedTuple):
    """What came back."""

    status: int
    body: bytes


class Connection(asyncio.Protocol):
    """One keep-alive connection with one request on its way at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._received = b""

    @classmethod
    async def open(cls, url: str) -> Self:
        """Connect to the server of `url`."""
        host, _, port = urlsplit(url).netloc.partition(":")
        _, connection = await asyncio.get_running_loop().create_connection(cls, host, int(port))
        return connection

    def ask(self, request: bytes) -> "asyncio.Future[Answer]":
        """Send a whole request; the future gives its answer, or `ConnectionError`."""
        if self._transport is None:
            raise ConnectionResetError("The server closed the connection.")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answer

    def close(self) -> None:
        """Let go of it."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name

    def data_received(self, data: bytes) -> None:
        self._received = self._received + data if self._received else data
        head, end, body = self._received.partition(_END_OF_HEAD)
        if end and len(body) >= _length(head):
            self._received = b""
            if self._answer is not None and not self._answer.done():
                self._answer.set_result(Answer(int(head[9:12]), body))

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("The server closed the connection."))


def request(method: str, path: str, content_type: str = "", body: bytes = b"") -> bytes:
    """A request, ready to send."""
    type_line = f"content-type: {content_type}\r\n" if content_type else ""
    head = (
        f"{method} {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {TOKEN}\r\n{type_line}"
        f"content-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _length(head: bytes) -> int:
    at = head.lower().find(_LENGTH)
    if at < 0:
        raise ValueError(f"An answer of unknown length: {head[:200]!r}")
    return int(head[at + len(_LENGTH) :].partition(b"\r")[0])
