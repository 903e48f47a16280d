"""Replay the ledger as NDJSON: a line is the stored bytes, exactly; memory does not grow with the history."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from time import monotonic
from typing import Any, Final

import asyncpg

from services.ledger.lines import Lines
from services.runtime.postgres import Statements

FIRST_SLICE: Final = 8_000
LARGEST_SLICE: Final = 64_000
QUICK: Final = 0.5  # seconds: a slice that took less is followed by one twice as long
SLOW: Final = 2.0  # seconds: a slice that took more is followed by one half as long
CHUNK: Final = 256 * 1024
CHUNKS_AHEAD: Final = 4


Without = Callable[[], Awaitable[Sequence[str]]]


class Replay:
    """Reads documents by COPY, on connections of a pool of its own."""

    def __init__(self, pool: asyncpg.Pool, statements: Statements) -> None:
        self._pool = pool
        self._sql = statements

    async def lines(self, after: int, through: int, without: Without) -> AsyncGenerator[bytes, None]:
        """The documents after one position through another, as chunks of newline-terminated lines.

        Read in slices, so that no statement outlives its time-out behind a slow reader, and none holds a
        snapshot, under which the head row's dead versions could not be pruned, for long. Before each slice,
        `without` says which streams to leave out.
        """
        size = FIRST_SLICE
        while after < through:
            upto = min(after + size, through)
            begun = monotonic()
            async with contextlib.aclosing(self._slice(after, upto, await without())) as chunks:
                async for chunk in chunks:
                    yield chunk
            took = monotonic() - begun
            size = (
                min(size * 2, LARGEST_SLICE) if took < QUICK else max(size // 2, 1) if took > SLOW else size
            )
            after = upto

    async def _slice(self, *binds: Any) -> AsyncGenerator[bytes, None]:
        chunks: asyncio.Queue[bytes | None] = asyncio.Queue(CHUNKS_AHEAD)
        copying = asyncio.create_task(self._copy_into(chunks, *binds))
        try:
            while (chunk := await chunks.get()) is not None:
                yield chunk
            await copying
        finally:
            copying.cancel()
            with contextlib.suppress(
                asyncio.CancelledError, Exception
            ):  # told to the reader above, if at all
                await copying

    async def _copy_into(
        self, chunks: asyncio.Queue[bytes | None], after: int, upto: int, without: Sequence[str]
    ) -> None:
        lines, gathered, size = Lines(), list[bytes](), 0

        async def take(data: bytes) -> None:
            nonlocal size
            gathered.append(lines.undo(data))
            size += len(data)
            if size >= CHUNK:
                # Whole lines only: after any of them a problem may be said, on a line of its own.
                whole, end, rest = b"".join(gathered).rpartition(b"\n")
                gathered[:] = [rest]
                size = len(rest)
                await chunks.put(whole + end)

        statement, binds = ("copy_documents_but", (without,)) if without else ("copy_documents", ())
        try:
            async with self._pool.acquire() as connection:
                await connection.copy_from_query(self._sql[statement], after, upto, *binds, output=take)
            if gathered:
                await chunks.put(b"".join(gathered))
        except Exception:
            await chunks.put(None)  # the reader finds the error in the task
            raise
        await chunks.put(None)
