"""Answer from the read models: each answer from one statement, so from one generation at one position.

What a restricted case has is not there for those who may not see it: the database leaves it out.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple

import asyncpg

from services.domain.principal import Role
from services.runtime import postgres
from services.runtime.clock import Clock
from services.runtime.identity.asker import asker
from services.runtime.moment import Watermark
from services.runtime.postgres import Statements

PATIENCE: Final = 10.0  # seconds
LOOK_UP: Final = 0.1  # seconds between looks; the process that projects is told without looking

WORKING_ON_ALL: Final = frozenset({Role.LEDGER, Role.PROJECTOR})

Row = Mapping[str, Any]


class Found(NamedTuple):
    """Rows, and the position up to which they account for the ledger. `first` has what goes for all."""

    as_of: int
    first: Row
    rows: Sequence[Row]


class NotCaughtUp(Exception):
    """The read model did not reach the position that was asked for in time: ask again."""

    def __init__(self, as_of: int) -> None:
        super().__init__(as_of)
        self.as_of = as_of


class ReadModelAway(Exception):
    """The database cannot be asked now: ask again."""


class Reader:
    """Runs the statements that give `as_of`; `projected` may know earlier than the database is asked."""

    def __init__(
        self, pool: asyncpg.Pool, statements: Statements, projected: Watermark, clock: Clock
    ) -> None:
        self._pool = pool
        self._sql = statements
        self._projected = projected
        self._clock = clock

    async def find(self, statement: str, *binds: object, key: str, at_least: int = 0) -> Found:
        """The rows of a statement, as of `at_least` or later; a row whose `key` is null says there are none.

        Raises `NotCaughtUp` when that has taken too long, `ReadModelAway`.
        """
        gives_up = time.monotonic() + PATIENCE
        while True:
            rows = await self._fetch(statement, *binds)
            as_of = rows[0]["as_of"]
            if as_of >= at_least:
                return Found(as_of, rows[0], [row for row in rows if row[key] is not None])
            left = gives_up - time.monotonic()
            if left <= 0:
                raise NotCaughtUp(as_of)
            await self._look_up(at_least, min(left, LOOK_UP))

    async def _fetch(self, statement: str, *binds: object) -> Sequence[Row]:
        try:
            async with self._pool.acquire() as connection:
                # What is said of who asks ends with the connection's use: the pool resets it.
                await connection.execute(self._sql["ask_as"], *self._asking())
                rows: Sequence[Row] = await connection.fetch(self._sql[statement], *binds)
        except (*postgres.AWAY, asyncpg.QueryCanceledError, asyncpg.UndefinedTableError) as error:
            raise ReadModelAway from error
        if not rows:
            raise ReadModelAway
        return rows

    def _asking(self) -> tuple[str, str, str]:
        # The notifier asks for what it then tells to people, in digests: it sees what anybody may.
        principal = asker()
        sees_all = "on" if principal.roles & WORKING_ON_ALL else "off"
        return principal.who, sees_all, self._clock.now().isoformat()

    async def _look_up(self, position: int, seconds: float) -> None:
        if self._projected.value >= position:
            # Another process projects by now, or a crash of Postgres took the last rows back.
            await asyncio.sleep(seconds)
            return
        with suppress(TimeoutError):
            await self._projected.wait_for(position, timeout=seconds)
