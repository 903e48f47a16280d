"""Of what an outsider answers, no more is taken than was asked for, however it is packed."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from services.runtime import answered
from services.runtime.answered import Answered, TooLong
from services.runtime.tls import authorities

MOST = 1_000


@asynccontextmanager
async def answering(head: bytes, body: bytes, *, times: int = 1) -> AsyncIterator[str]:
    """A server that answers anything with this, and keeps the connection; gives its URL."""
    done = asyncio.Event()

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + body * times)
        await done.wait()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        done.set()


async def asked(url: str) -> Answered:
    async with httpx.AsyncClient(trust_env=False, verify=authorities()) as http:
        return await answered.post(http, url, content=b"", headers={}, patience=0.5, most=MOST)


async def test_an_answer_is_taken_whole_or_not_at_all() -> None:
    async with answering(b"Content-Length: 4\r\n", b"said") as url:
        assert await asked(url) == (200, b"said")
    async with answering(b"Transfer-Encoding: chunked\r\n", b"4\r\nmore\r\n", times=MOST) as url:
        with pytest.raises(TooLong):
            await asked(url)
    async with answering(b"Content-Length: 9\r\n", b"said") as url:
        with pytest.raises(TimeoutError):
            await asked(url)


async def test_what_unpacks_to_very_much_is_not_unpacked() -> None:
    packed = gzip.compress(bytes(MOST * 100))
    head = b"Content-Encoding: gzip\r\nContent-Length: %d\r\n" % len(packed)
    async with answering(head, packed) as url:
        assert await asked(url) == (200, packed)
