"""Wrap every data key with the newest key-encryption key, so that a former one can be thrown away.

No event is touched, and ledgers go on meanwhile: a data key stays what it is. What is done stays done; a
run that was interrupted is gone on with by the next.
"""

from collections.abc import Callable
from typing import Final

import asyncpg
from msgspec import Struct

from services.ledger import residue
from services.ledger.datakey import DataKey
from services.ledger.wrapping import KeyEncryption, Wrapped
from services.runtime.postgres import Statements

AT_ONCE: Final = 500
PROBE: Final = "probe~"  # no stream: what it is wrapped with is what wraps now


class Standing(Struct, frozen=True):
    """How many data keys are wrapped with which key-encryption key, and how many were destroyed.

    `present` is the key-encryption key that wraps now. Of `unscrubbed` ones of the destroyed something may be
    left on the disk: `left` says where, and what to do if it stays.
    """

    present: str
    wrapped: dict[str, int]
    destroyed: int
    unscrubbed: int
    left: str | None

    @property
    def to_do(self) -> int:
        """How many are wrapped with another one than that."""
        return sum(count for kek_id, count in self.wrapped.items() if kek_id != self.present)


class Rewrapping:
    """The data keys behind a connection, and what wraps them. Raises `KeyAway` and `CannotUnwrap`."""

    def __init__(self, connection: asyncpg.Connection, statements: Statements, kek: KeyEncryption) -> None:
        self._connection = connection
        self._sql = statements
        self._kek = kek

    async def standing(self) -> Standing:
        """Where it stands."""
        rows = await self._connection.fetch(self._sql["data_keys_by_kek"])
        wrapped = {row["kek_id"]: row["count"] for row in rows if not row["destroyed"]}
        destroyed = sum(row["count"] for row in rows if row["destroyed"])
        found = await residue.look(self._connection, self._sql)
        return Standing(await self._present(), wrapped, destroyed, found.keys, found.told or None)

    async def run(self, progress: Callable[[int], None]) -> int:
        """Wrap all that is to be wrapped anew; gives how many there were, and says so as it goes."""
        present, done, stream = await self._present(), 0, ""
        while rows := await self._connection.fetch(
            self._sql["data_keys_to_rewrap"], present, stream, AT_ONCE
        ):
            before = [Wrapped(*row) for row in rows]
            await self._rewrap(before)
            done += len(before)
            stream = before[-1].stream
            progress(done)
        return done

    async def _present(self) -> str:
        (probe,) = await self._kek.wrap({PROBE: DataKey.new()})
        return probe.kek_id

    async def _rewrap(self, before: list[Wrapped]) -> None:
        keys = await self._kek.unwrap(before)
        after = await self._kek.wrap({each.stream: keys[each.stream] for each in before})
        columns = (
            [each.stream for each in before],
            [each.wrapped for each in before],
            [each.wrapped for each in after],
            [each.kek_id for each in after],
        )
        await self._connection.execute(self._sql["rewrap_data_keys"], *columns)
