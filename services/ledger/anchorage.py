"""What others say of the checkpoints, as Postgres keeps it: cosignatures, time stamps, the daily mail."""

from datetime import date, datetime
from typing import NamedTuple

import asyncpg

from services.evidence.keys import Verifier
from services.ledger.tree import Sealed
from services.runtime.postgres import Statements


class Stamped(NamedTuple):
    """A checkpoint that was time-stamped, and a time: the authority's, or the ledger's when it asked."""

    size: int
    time: datetime


class Mailing(NamedTuple):
    """The checkpoint to send."""

    size: int
    note: str


class Anchorage:
    """The service's reads and writes of them. Raises what asyncpg raises."""

    def __init__(self, pool: asyncpg.Pool, statements: Statements) -> None:
        self._pool = pool
        self._sql = statements

    async def whole(self, sealed: Sealed) -> str:
        """The note of a checkpoint, with the cosignatures that it has by now."""
        rows = await self._pool.fetch(self._sql["cosignatures"], sealed.size)
        return "".join([sealed.note, *(row["line"] for row in rows)])

    async def cosigned_by(self, witnesses: int) -> Sealed | None:
        """The last checkpoint that so many witnesses have cosigned."""
        row = await self._pool.fetchrow(self._sql["last_cosigned_checkpoint"], witnesses)
        return Sealed(*row) if row else None

    async def last_cosigned(self, witness: Verifier) -> int:
        """The size of the last checkpoint that a witness has cosigned; 0 before the first."""
        size: int = await self._pool.fetchval(self._sql["last_cosigned"], _named(witness))
        return size

    async def put_cosignature(self, size: int, witness: Verifier, line: str, now: datetime) -> None:
        """Keep a witness's signature line under the checkpoint of `size`."""
        await self._pool.execute(self._sql["put_cosignature"], size, _named(witness), line, now)

    async def last_stamped(self) -> Stamped | None:
        """The last checkpoint that was time-stamped, and when the ledger asked."""
        row = await self._pool.fetchrow(self._sql["last_time_stamp"])
        return Stamped(*row) if row else None

    async def put_stamp(self, size: int, asked_at: datetime, time: datetime, reply: bytes) -> None:
        """Keep a time stamp of the checkpoint of `size`."""
        await self._pool.execute(self._sql["put_time_stamp"], size, asked_at, time, reply)

    async def stamp(self, size: int) -> bytes | None:
        """The time stamp of the checkpoint of `size`, in DER."""
        reply: bytes | None = await self._pool.fetchval(self._sql["time_stamp"], size)
        return reply

    async def stamps(self, after: int, limit: int) -> list[Stamped]:
        """Which checkpoints were time-stamped, and the times that the authority gave."""
        return [Stamped(*row) for row in await self._pool.fetch(self._sql["time_stamps"], after, limit)]

    async def claim_mail(self, day: date, sealed: Sealed) -> Mailing | None:
        """Take on the mail of a London day; None if it was sent, or somebody else is sending it."""
        binds = day, sealed.size, await self.whole(sealed)
        row = await self._pool.fetchrow(self._sql["claim_auditors_mail"], *binds)
        return Mailing(*row) if row else None

    async def settle_mail(self, day: date, sent_at: datetime | None) -> None:
        """Note that it was sent, or give it up for now."""
        await self._pool.execute(self._sql["settle_auditors_mail"], day, sent_at)

    async def mail_is_sent(self, day: date) -> bool:
        """Whether the mail of a London day was sent."""
        sent: bool = await self._pool.fetchval(self._sql["auditors_mail_is_sent"], day)
        return sent


def _named(witness: Verifier) -> str:
    return f"{witness.name}+{witness.key_id.hex()}"
