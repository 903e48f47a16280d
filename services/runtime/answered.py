"""Take an answer from somebody outside: no more than was asked for, and for no longer than was meant."""

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Final, NamedTuple

import httpx

AS_IT_IS: Final = {"Accept-Encoding": "identity"}
"""A few bytes that unpack to very many would be more than was asked for."""


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
    plain = {**AS_IT_IS, **headers}
    posting = http.stream("POST", url, content=content, headers=plain, follow_redirects=False)
    return await _taken(posting, patience, most)


async def get(http: httpx.AsyncClient, url: str, *, patience: float, most: int) -> Answered:
    """Get what is there, within the same bounds. Raises the same."""
    return await _taken(http.stream("GET", url, headers=AS_IT_IS, follow_redirects=False), patience, most)


async def _taken(asking: AbstractAsyncContextManager[httpx.Response], patience: float, most: int) -> Answered:
    async with asyncio.timeout(patience), asking as answer:
        body = b""
        async for part in answer.aiter_raw():
            body += part
            if len(body) > most:
                raise TooLong
        return Answered(answer.status_code, body)
