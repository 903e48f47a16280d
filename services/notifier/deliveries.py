"""The rows of `notifier.delivery`: one message on one channel, and what became of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

import asyncpg
from msgspec import Struct

from services.domain.events.alert import NotificationKind, Rung
from services.notifier.store import Store

State = Literal["PENDING", "SENT", "DEAD", "OVERTAKEN", "HELD"]


class Claim(NamedTuple):
    """A message that this notifier is about to send; `attempts` came before."""

    notification_id: str
    channel: str
    case_id: str
    alert_id: str
    kind: NotificationKind
    rung: Rung | None
    holder: str
    attempts: int

    @property
    def is_digest(self) -> bool:
        """Whether it tells of what is due, and of no alert."""
        return self.kind is NotificationKind.DIGEST

    @property
    def is_of_glass(self) -> bool:
        """Whether it tells of broken glass, and of no alert."""
        return self.kind is NotificationKind.BREAK_GLASS


class Delivery(Struct, frozen=True, kw_only=True):
    """A message on its way to somebody, or there. A digest's `case_id` is `office`, and it has no `alert_id`.

    PENDING: to be sent at `next_attempt_at`. SENT: the channel took it. DEAD: refused for good, or tried
    too often; it can be tried again by hand. OVERTAKEN: it lost its point before it could be sent. HELD:
    its alert is parked, and it waits until that is mended.
    """

    id: str
    notification_id: str
    channel: str
    case_id: str
    alert_id: str
    kind: str
    rung: str | None
    holder: str
    state: State
    attempts: int
    since: datetime
    next_attempt_at: datetime | None
    last_error: str | None


class Deliveries:
    """Claims deliveries, and shows them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._pool = store.pool
        self._sql = store.sql

    async def claim(self, now: datetime, lasting: timedelta, most: int) -> list[Claim]:
        """Take messages that are to be sent by now; no other notifier takes them while that lasts."""
        async with self._store.by_index() as connection:
            rows = await connection.fetch(self._sql["claim_deliveries"], now, lasting, most)
        return [
            Claim(**{**row, "kind": NotificationKind(row["kind"]), "rung": row["rung"] and Rung(row["rung"])})
            for row in rows
        ]

    async def bury(self, claim: Claim, error: str) -> None:
        """Send it no more."""
        await self._pool.execute(self._sql["bury"], claim.notification_id, claim.channel, error)

    async def next_at(self) -> datetime | None:
        """When the next message is to be sent."""
        found: datetime | None = await self._pool.fetchval(self._sql["next_delivery"])
        return found

    async def retry(self, notification_id: str, channel: str, now: datetime) -> Delivery | None:
        """Have a dead message tried again at once; `None` when there is no dead one."""
        row = await self._pool.fetchrow(self._sql["retry"], notification_id, channel, now)
        return _shown(row) if row else None

    async def find(self, notification_id: str, channel: str) -> Delivery | None:
        """One delivery."""
        row = await self._pool.fetchrow(self._sql["delivery"], notification_id, channel)
        return _shown(row) if row else None

    async def listed(
        self, most: int, after: tuple[datetime, str, str], state: State | None, without: Sequence[str]
    ) -> list[Delivery]:
        """Deliveries, newest first, of one state or all; of some cases none."""
        if state is None:
            rows = await self._pool.fetch(self._sql["deliveries"], most, *after, without)
        else:
            rows = await self._pool.fetch(self._sql["deliveries_in_state"], most, *after, without, state)
        return [_shown(row) for row in rows]


def _shown(row: asyncpg.Record) -> Delivery:
    known = {name: row[name] for name in Delivery.__struct_fields__ if name not in {"id", "next_attempt_at"}}
    pending = row["next_attempt_at"] if row["state"] == "PENDING" else None
    return Delivery(
        id=f"{row['notification_id']}.{row['channel']}",
        next_attempt_at=pending,
        **known,
    )
