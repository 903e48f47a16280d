"""The rows of `notifier.window`: which alerts are due, what was found of them, when to look again."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import NamedTuple

import asyncpg
from msgspec import Struct
from msgspec.structs import astuple

from services.notifier.duty import Letter
from services.notifier.store import Store


class Due(NamedTuple):
    """An alert to look at; `tries` is how often its events were posted without coming back."""

    case_id: str
    alert_id: str
    tries: int


class Finding(Struct, frozen=True, kw_only=True):
    """What an alert is found to be, in the order of `settle_windows`' binds."""

    case_id: str
    alert_id: str
    state: str | None = None
    rung: str | None = None
    raised_by: str | None = None
    due_on: date | None = None
    is_open: bool = True
    next_at: datetime | None = None
    tries: int = 0
    parked: str | None = None


class Window(Struct, frozen=True, kw_only=True):
    """An open alert and its window, as the API shows it.

    `next_at` is when the notifier looks at it again. `parked` says why it cannot: until the alert has a
    further event, or a release that understands it, its ladder stands still.
    """

    case_id: str
    alert_id: str
    state: str | None
    rung: str | None
    due_on: date | None
    next_at: datetime | None
    parked: str | None


class Windows:
    """Claims and settles windows."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @asynccontextmanager
    async def claimed(self, now: datetime, most: int) -> AsyncIterator[tuple[asyncpg.Connection, list[Due]]]:
        """The alerts that are due, at most `most`, locked until the body ends and commits.

        A crash within the body leaves them due.
        """
        async with self._store.by_index() as connection:
            rows = await connection.fetch(self._store.sql["claim_windows"], now, most)
            yield connection, [Due(**row) for row in rows]

    async def settle(self, connection: asyncpg.Connection, findings: Sequence[Finding]) -> None:
        """Write what was found."""
        columns = zip(*(astuple(each) for each in findings), strict=True)
        await connection.execute(self._store.sql["settle_windows"], *map(list, columns))

    async def tell(
        self,
        connection: asyncpg.Connection,
        dues: Sequence[Due],
        letters: Sequence[tuple[Due, Letter]],
        called_for: Sequence[str],
        now: datetime,
    ) -> None:
        """Put messages on their way, and drop those about the same alerts that have lost their point."""
        cases, alerts = _named(dues)
        await connection.execute(self._store.sql["let_go"], cases, alerts)
        await connection.execute(self._store.sql["overtake"], cases, alerts, list(called_for))
        rows = [
            (each.notification_id, each.channel, due.case_id, due.alert_id, each.kind, each.rung, each.holder)
            for due, each in letters
        ]
        if rows:
            columns = [list(column) for column in zip(*rows, strict=True)]
            await connection.execute(self._store.sql["enqueue"], *columns, now)

    async def hold(self, connection: asyncpg.Connection, dues: Sequence[Due]) -> None:
        """Have the messages about these alerts wait: nobody can say whether they still have their point."""
        if dues:
            await connection.execute(self._store.sql["hold"], *_named(dues))

    async def next_at(self) -> datetime | None:
        """When the next alert is due."""
        found: datetime | None = await self._store.pool.fetchval(self._store.sql["next_window"])
        return found

    async def listed(
        self, most: int, after: tuple[date, str, str], due_before: date, without: Sequence[str]
    ) -> list[Window]:
        """Open alerts in the order of their due dates; of some cases none."""
        rows = await self._store.pool.fetch(self._store.sql["windows"], most, *after, due_before, without)
        return [Window(**row) for row in rows]


def _named(dues: Sequence[Due]) -> tuple[list[str], list[str]]:
    return [due.case_id for due in dues], [due.alert_id for due in dues]
