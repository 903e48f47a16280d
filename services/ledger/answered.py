"""Take an answer from somebody outside: no more than was asked for, and for no longer than was meant."""

import asyncio
from collections.abc import Mapping
from typing import NamedTuple

import httpx


class TooLong(Exception):
    """An answer went on beyond what was to be taken of it; it was dropped."""


class Answered(NamedTuple):
    """What came: the status, and the body."""

    status: int
    body: bytes


async def post(  # noqa: PLR0913 - what to send and what to bear, by keyword
    http: httpx.AsyncClient,
    url: str,
    *,
    content: bytes,
    headers: Mapping[str, str],
    patience: float,
    most: int,
) -> Answered:
    """Post `content`; at most `most` bytes are read, within `patience` seconds, and no redirect is followed.

    Raises `TooLong`, `TimeoutError`, and what httpx raises.
    """
    # As it is sent: a few bytes that unpack to very many would be more than was asked for.
    plain = {"Accept-Encoding": "identity", **headers}
    posting = http.stream("POST", url, content=content, headers=plain, follow_redirects=False)
    async with asyncio.timeout(patience), posting as answer:
        body = b""
        async for part in answer.aiter_raw():
            body += part
            if len(body) > most:
                raise TooLong
        return Answered(answer.status_code, body)
