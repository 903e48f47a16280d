"""Connections: what a request may weigh, how slowly it may come, what every answer says to a browser."""

import asyncio
import gc
import socket
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Request, Response, get, post
from litestar.params import FromQuery

from services.runtime import web, wire
from services.runtime.guards import ALWAYS, OVER_TLS, UNLESS_SAID, guarded
from services.runtime.tls import authorities
from tests.support.open_app import open_app
from tests.support.until import until

HEAD = b"POST /slow HTTP/1.1\r\nHost: probe\r\n"


@get("/page")
async def read_page() -> Response[str]:
    return Response("<p>", media_type="text/html", headers={"Content-Security-Policy": "default-src 'self'"})


@post("/slow")
async def take(request: Request[Any, Any, Any]) -> int:
    return len(await request.body())


@post("/headers")
async def list_headers(request: Request[Any, Any, Any]) -> list[str]:
    await request.body()
    return sorted(request.headers)


@get("/events")
async def read_events(team: FromQuery[list[str]], limit: FromQuery[int] = 1) -> int:
    return limit + len(team)


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    app = open_app("probe", read_page, take, list_headers, read_events)
    async with web.serve(app, "127.0.0.1", 0) as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        try:
            yield reader, writer
        finally:
            writer.close()


async def told(reader: asyncio.StreamReader) -> tuple[int, str]:
    """The status and kind of the one answer that comes before the connection is closed."""
    async with asyncio.timeout(10):
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    assert b"x-content-type-options: nosniff" in head
    assert b"connection: close" in head
    document = msgspec.json.decode(body)
    return int(head.split()[1]), document["type"].rpartition(":")[2]


@pytest.mark.parametrize(
    ("sent", "status", "kind"),
    [
        (b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\n\r\n", 414, "url-too-long"),
        (b"GET /" + b"a" * 90_000, 414, "url-too-long"),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 101 + b"\r\n", 431, "head-too-large"),
        (b"GET / HTTP/1.1\r\nA: " + b"b" * 33_000 + b"\r\n\r\n", 431, "head-too-large"),
        (b"GET / HTTP/1.1\r\nA: " + b"b" * 900_000, 431, "head-too-large"),
        (b"what is this?\r\n\r\n", 400, "not-http"),
        (b"GET http://[ HTTP/1.1\r\n\r\n", 400, "not-http"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "not-http"),
        (b"GET / HTTP/1.1\r\n\r\n", 400, "not-http"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "not-http"),
        (b"GET /\r\n\r\n", 400, "not-http"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "not-http"),
        (HEAD + b"X: a\r\n b\r\n\r\n", 400, "not-http"),
        (HEAD + b"X : a\r\n\r\n", 400, "not-http"),
        *(
            (HEAD + each + b"\r\n3\r\nabc\r\n0\r\n\r\n", 400, "not-http")
            for each in (
                b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
                b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
                b"Content-Length: 3\r\nContent-Length: 13\r\n",
                b"Content-Length: +3\r\n",
                b"Transfer-Encoding: cow\r\n",
                b"Transfer-Encoding: cow\r\nTransfer-Encoding: chunked\r\n",
                b"Transfer-Encoding: gzip, chunked\r\n",
                b"Transfer-Encoding: identity, chunked\r\n",
                b"Transfer-Encoding : chunked\r\n",
                b"Transfer-Encoding:\x0bchunked\r\n",
            )
        ),
    ],
)
async def test_what_is_over_a_limit_or_no_request_is_refused(sent: bytes, status: int, kind: str) -> None:
    async with connected() as (reader, writer):
        writer.write(sent)
        assert await told(reader) == (status, kind)


async def test_a_head_that_comes_byte_by_byte_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "HEAD_SECONDS", 0.2)
    async with connected() as (reader, writer):
        trickling = asyncio.create_task(_trickle(writer, HEAD + b"A: b\r\n" * 90))
        assert await told(reader) == (408, "too-slow")
        trickling.cancel()


async def test_a_connection_on_which_nothing_comes_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "HEAD_SECONDS", 0.05)
    async with connected() as (reader, _), asyncio.timeout(10):
        assert await reader.read() == b""


async def test_a_body_that_comes_too_slowly_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "BODY_SECONDS", 0.2)
    async with connected() as (reader, writer):
        writer.write(HEAD + b"Content-Length: 5000\r\n\r\n")
        trickling = asyncio.create_task(_trickle(writer, b"a" * 4_000))
        assert await told(reader) == (408, "too-slow")
        trickling.cancel()


async def test_a_large_body_that_keeps_coming_has_all_the_time_that_it_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wire, "BODY_SECONDS", 0.05)
    monkeypatch.setattr(wire, "BODY_BYTES", 10)
    async with connected() as (reader, writer):
        writer.write(HEAD + b"Connection: close\r\nContent-Length: 4000\r\n\r\n")
        for _ in range(8):
            writer.write(b"a" * 500)
            await asyncio.sleep(0.02)
        async with asyncio.timeout(10):
            assert b"201 Created" in (await reader.read())


async def test_what_is_wrapped_around_a_body_is_no_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "BODY_SECONDS", 0.1)
    monkeypatch.setattr(wire, "BODY_BYTES", 1_000)
    async with connected() as (reader, writer):
        writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        for _ in range(8):  # an extension of a chunk says nothing, and may be as long as one likes
            writer.write(b"1;" + b"a" * 5_000 + b"\r\nb\r\n")
        assert await told(reader) == (408, "too-slow")


@asynccontextmanager
async def reading_little(sent: bytes) -> AsyncIterator[socket.socket]:
    """A client that has asked, with as little room for what comes as the kernel gives."""
    async with web.serve(open_app("probe", read_much), "127.0.0.1", 0) as url:
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.settimeout(0)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(client, ("127.0.0.1", int(url.rpartition(":")[2])))
            await loop.sock_sendall(client, sent)
            yield client


MUCH = 16_000_000
ASKED = b"GET /much HTTP/1.1\r\nHost: probe\r\n\r\n"


@get("/much", media_type="application/octet-stream")
async def read_much() -> bytes:
    return bytes(MUCH)


async def test_who_does_not_read_an_answer_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "READ_SECONDS", 0.2)
    dropped = asyncio.Event()
    forget = wire.Wire.connection_lost

    def note(self: wire.Wire, exc: Exception | None) -> None:
        forget(self, exc)
        dropped.set()

    monkeypatch.setattr(wire.Wire, "connection_lost", note)
    async with reading_little(ASKED * 3), asyncio.timeout(10):
        await dropped.wait()


async def test_who_reads_slowly_is_given_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "READ_SECONDS", 0.3)
    monkeypatch.setattr(wire, "READ_BYTES", 1)
    async with reading_little(ASKED) as client, asyncio.timeout(30):
        loop, read = asyncio.get_running_loop(), 0
        while read < MUCH:
            part = await loop.sock_recv(client, 1_000_000)
            assert part, f"hung up on after {read}"
            read += len(part)
    assert read > MUCH


async def test_what_trails_a_body_is_no_header() -> None:
    async with connected() as (reader, writer):
        head = b"POST /headers HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n"
        writer.write(head + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n")
        writer.write(b"Authorization: Bearer cl_x\r\nX-Request-ID: y\r\n\r\n")
        async with asyncio.timeout(10):
            body = (await reader.read()).partition(b"\r\n\r\n")[2]
    assert msgspec.json.decode(body) == ["connection", "host", "transfer-encoding"]


async def test_requests_that_come_at_once_are_answered_in_their_order() -> None:
    async with connected() as (reader, writer):
        one = b"GET /events?team=a&limit=%d HTTP/1.1\r\nHost: probe\r\n%b\r\n"
        writer.write(b"".join(one % (n, b"") for n in range(50)) + one % (50, b"Connection: close\r\n"))
        async with asyncio.timeout(10):
            said = await reader.read()
    bodies = [part.partition(b"HTTP/1.1")[0] for part in said.split(b"\r\n\r\n")[1:]]
    assert [int(body) for body in bodies] == list(range(1, 52))


@pytest.mark.parametrize(
    ("address", "headers", "status", "named"),
    [
        ("/page", [], 200, []),
        ("//page", [], 404, []),
        ("/%2Fpage", [], 404, []),
        ("/%2fpage", [], 404, []),
        ("/page%2F", [], 404, []),
        ("/x/%2e%2e/page", [], 404, []),
        ("/page%00", [], 404, []),
        ("/events?team=a&team=b&limit=1", [], 200, []),
        ("/events?team=a&limit=1&limit=2", [], 400, ["limit"]),
        ("/page", [("X-Request-ID", "a"), ("X-Request-ID", "b")], 400, ["x-request-id"]),
        ("/page", [("Content-Type", "a/b"), ("Content-Type", "c/d")], 400, ["content-type"]),
        ("/page", [("Idempotency-Key", "a"), ("Idempotency-Key", "b")], 400, ["idempotency-key"]),
        ("/page", [("Content-Encoding", "gzip")], 415, []),
        ("/page", [("X-HTTP-Method-Override", "DELETE")], 200, []),
        ("/nowhere", [("X-Original-URL", "/page"), ("X-Rewrite-URL", "/page")], 404, []),
    ],
)
async def test_what_could_be_read_in_two_ways_is_refused(
    address: str, headers: list[tuple[str, str]], status: int, named: list[str]
) -> None:
    app = open_app("probe", read_page, read_events)
    async with web.serve(app, "127.0.0.1", 0) as url, httpx.AsyncClient(verify=authorities()) as client:
        sent = client.build_request("GET", url, headers=headers)
        sent.url = sent.url.copy_with(raw_path=address.encode())
        answer = await client.send(sent)
    assert answer.status_code == status
    faults = answer.json().get("faults", []) if answer.is_error else []
    assert [each["parameter"] for each in faults] == named


async def test_one_connection_too_many_is_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MOST_CONNECTIONS", 0)
    async with connected() as (reader, _):
        assert await told(reader) == (503, "too-many-connections")


@pytest.mark.parametrize("sent", [b"GET /page HTTP/1.1\r\nHost: probe\r\n\r\n", b"what is this?\r\n\r\n"])
async def test_of_a_connection_that_was_closed_nothing_is_kept(
    sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "LINGER", 0.0)
    made: list[weakref.ref[asyncio.Transport]] = []
    begin = wire.Wire.connection_made

    def note(self: wire.Wire, transport: asyncio.Transport) -> None:
        self.timeout_keep_alive = 0
        made.append(weakref.ref(transport))
        begin(self, transport)

    monkeypatch.setattr(wire.Wire, "connection_made", note)
    async with connected() as (reader, writer):
        writer.write(sent)
        assert await reader.read()
        writer.close()

        def gone() -> bool:
            gc.collect()
            return made[0]() is None

        await until(gone, seconds=5)


async def _trickle(writer: asyncio.StreamWriter, text: bytes) -> None:
    for byte in text:
        writer.write(bytes([byte]))
        await asyncio.sleep(0.01)


async def test_every_answer_is_guarded_and_a_route_may_know_better() -> None:
    app = open_app("probe", read_page)
    async with (
        web.serve(app, "127.0.0.1", 0) as url,
        httpx.AsyncClient(base_url=url, verify=authorities()) as client,
    ):
        for path in ("/", "/livez", "/nowhere", "/openapi.json"):
            headers = (await client.get(path)).headers
            for name, value in (*ALWAYS, *UNLESS_SAID.items()):
                assert headers[name.decode()] == value.decode(), (path, name)
        page = (await client.get("/page")).headers
    assert page.get_list("content-security-policy") == ["default-src 'self'"]
    assert page["cache-control"] == "no-store"


def test_only_an_answer_over_tls_asks_for_tls_ever_after() -> None:
    assert OVER_TLS in guarded([], "https")
    assert OVER_TLS not in guarded([], "http")
