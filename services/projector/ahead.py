"""One write at a time, going on while the next is prepared."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from types import TracebackType
from typing import Any, Self


class Ahead:
    """`async with Ahead() as writing:` is left when the last write is done, or given up for an error."""

    def __init__(self) -> None:
        self._writing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None and self._writing is not None:
            self._writing.cancel()
            with suppress(asyncio.CancelledError, Exception):  # the first error is the one to tell
                await self._writing
            return
        await self._done()

    async def start(self, write: Coroutine[Any, Any, None]) -> None:
        """Start a write when the one before is done. Raises what that one raised."""
        try:
            await self._done()
        except BaseException:
            write.close()
            raise
        self._writing = asyncio.create_task(write)

    async def _done(self) -> None:
        if self._writing is not None:
            await self._writing
            self._writing = None
