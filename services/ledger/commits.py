"""What is committed, as it is committed: by this process, from memory; by others, from the table."""

import asyncio
import contextlib
from collections import OrderedDict
from typing import Final

from services.ledger.absence import AWAY
from services.ledger.store import Placed, Store
from services.runtime.moment import Watermark

MOST_KEPT: Final = 8_192
MOST_BYTES_KEPT: Final = 8 * 1024 * 1024
POLL_EVERY: Final = 0.25  # seconds: how late another process's commit is seen


class LedgerWentBack(Exception):
    """The database was restored to an earlier state; start anew, for what is in memory is not in it."""

    def __init__(self, known: int, found: int) -> None:
        super().__init__(f"The ledger ended at {known} and now ends at {found}.")


class Commits:
    """The committed documents in order. `head` is the last position known to be committed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: OrderedDict[int, Placed] = OrderedDict()
        self._bytes = 0
        self.head = Watermark()

    def add(self, placed: Placed) -> None:
        """Note what this process has committed."""
        self._kept[placed.position] = placed
        self._bytes += len(placed.document)
        while len(self._kept) > MOST_KEPT or self._bytes > MOST_BYTES_KEPT:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= len(oldest.document)
        self.head.advance(placed.position)

    async def after(self, position: int, limit: int) -> list[Placed]:
        """At most `limit` documents right after a position, in order and without a gap; none at the head."""
        found: list[Placed] = []
        while len(found) < limit and (placed := self._kept.get(position + 1 + len(found))):
            found.append(placed)
        return found or await self._store.after(position, limit)

    async def watch(self) -> None:
        """Keep `head` at most `POLL_EVERY` behind the ledger, until cancelled. Raises `LedgerWentBack`."""
        while True:
            with contextlib.suppress(*AWAY):
                known = self.head.value
                head = await self._store.head()
                if head < known:
                    raise LedgerWentBack(known, head)
                self.head.advance(head)
            await asyncio.sleep(POLL_EVERY)
