"""The rows of `notifier.morning` and `notifier.digest`: which mornings were seen to, and what is said."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

import asyncpg
from msgspec import json

from services.domain.events.alert import NO_ALERT
from services.domain.office import OFFICE
from services.notifier.digest import Digest
from services.notifier.duty import Letter
from services.notifier.store import Store


class Morning(NamedTuple):
    """The last morning that was seen to, and when the next one is; `touches` tells that it still stands."""

    done_on: date | None
    next_at: datetime | None
    touches: int


class Telling(NamedTuple):
    """What is said on a morning: the digests by their notifications, and the letters that carry them."""

    digests: Mapping[str, Digest]
    letters: Sequence[Letter]


NOTHING = Telling({}, ())


class Digests:
    """Keeps mornings, and what is said on them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def morning(self) -> Morning:
        """How far we are."""
        return Morning(*await self._store.pool.fetchrow(self._store.sql["morning"]))

    async def next_at(self) -> datetime | None:
        """When to look whether digests are due."""
        found: datetime | None = await self._store.pool.fetchval(self._store.sql["next_morning"])
        return found

    async def settle(self, before: Morning, after: Morning, told: Telling, now: datetime) -> None:
        """Put the digests of a morning on their way, drop those of earlier ones, and say when to look again.

        All or nothing, and nothing when something came in between: then the morning is due to be looked at.
        """
        sql = self._store.sql
        async with self._store.by_index() as connection:
            settled = (after.done_on, after.next_at, before.touches)
            if await connection.fetchval(sql["settle_morning"], *settled) is not None:
                await self._tell(connection, after.done_on, told, now)
                await connection.execute(sql["overtake_digests"])

    async def said(self, notifications: Collection[str]) -> dict[str, Digest]:
        """What the digests of these notifications say."""
        if not notifications:
            return {}
        rows = await self._store.pool.fetch(self._store.sql["digests"], list(notifications))
        return {row["notification_id"]: json.decode(row["content"], type=Digest) for row in rows}

    async def _tell(
        self, connection: asyncpg.Connection, day: date | None, told: Telling, now: datetime
    ) -> None:
        if not told.letters:
            return
        contents = [json.encode(each).decode() for each in told.digests.values()]
        await connection.execute(self._store.sql["keep_digests"], list(told.digests), day, contents)
        rows = [
            (each.notification_id, each.channel, OFFICE, NO_ALERT, each.kind, each.rung, each.holder)
            for each in told.letters
        ]
        columns = [list(column) for column in zip(*rows, strict=True)]
        await connection.execute(self._store.sql["enqueue"], *columns, now)
