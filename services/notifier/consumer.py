"""Follow the ledger's stream: each batch accounted for once, in order, together with what it means."""

from collections.abc import Callable
from contextlib import aclosing

from services.notifier import intake
from services.notifier.store import Store
from services.runtime.follow import Follower
from services.runtime.moment import Watermark


class Consumer:
    """Keeps documents, marks the alerts that they concern, and notes the outcomes that come back."""

    def __init__(
        self, store: Store, follower: Follower, consumed: Watermark, moved: Callable[[], None]
    ) -> None:
        """Prepare to follow; `consumed` is advanced, then `moved` called, after each batch."""
        self._store = store
        self._follower = follower
        self._consumed = consumed
        self._moved = moved

    async def run(self) -> None:
        """Follow until cancelled. A crash anywhere leaves the batch accounted for, or to be read again."""
        before = await self._store.checkpoint()
        self._consumed.begin(before)
        self._moved()
        async with aclosing(self._follower.batches(before)) as batches:
            async for batch in batches:
                last = batch[-1][0]
                await self._store.take(intake.read(batch), before, last)
                self._consumed.advance(last)
                self._moved()
                before = last
