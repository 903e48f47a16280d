"""One connection for one owner, made when it is needed and made again after it was lost."""

import asyncio
from typing import Any, Final

import asyncpg

from services.runtime import postgres

CONNECT_PATIENCE: Final = 1.5  # seconds
STATEMENT_TIMEOUT: Final = 10.0  # seconds; the database gives up first, and says so
PATIENCE: Final = STATEMENT_TIMEOUT + 2  # seconds


class Dedicated:
    """Queries by index on a connection that nobody else uses: no pool hands it round, nothing resets it.

    Its owner makes one call at a time. One that ends in one of `postgres.AWAY` has let go of the connection.
    """

    def __init__(self, url: str, *, application_name: str) -> None:
        self._url = url
        self._application_name = application_name
        self._connection: asyncpg.Connection | None = None

    async def reach(self) -> asyncpg.Connection:
        """The connection; raises one of `postgres.AWAY` if there can be none now."""
        if self._connection is None or self._connection.is_closed():
            connecting = postgres.connect(
                self._url,
                application_name=self._application_name,
                statement_timeout=STATEMENT_TIMEOUT,
                by_index=True,
            )
            async with asyncio.timeout(CONNECT_PATIENCE):
                self._connection = await connecting
        return self._connection

    async def fetch(self, sql: str, *binds: Any) -> list[asyncpg.Record]:
        """The rows of a statement, which is prepared when it is first used."""
        connection = await self.reach()
        try:
            rows: list[asyncpg.Record] = await connection.fetch(sql, *binds, timeout=PATIENCE)
        except postgres.AWAY:
            self.drop()
            raise
        return rows

    async def fetchval(self, sql: str, *binds: Any) -> Any:
        """The first value of a statement, or None."""
        rows = await self.fetch(sql, *binds)
        return rows[0][0] if rows else None

    def drop(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.terminate()
        self._connection = None

    async def close(self) -> None:
        """Let go of it for good."""
        self.drop()
