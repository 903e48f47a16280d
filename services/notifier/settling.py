"""Say when a new time has been acted on: nothing due, nothing under way, the ledger's head consumed."""

from datetime import datetime
from typing import Final

from services.notifier.store import Store
from services.notifier.work import Progress
from services.runtime.client import LedgerClient, LedgerError
from services.runtime.clock import Clock
from services.runtime.problems import UNAVAILABLE, Problem

LOOK_UP: Final = 0.25  # seconds; another process's progress is only seen by looking
PATIENCE: Final = 60.0  # seconds without any progress
RETRY: Final = {"Retry-After": "1"}


class Settling:
    """Waits for this notifier, or for the one that leads in its place."""

    def __init__(self, store: Store, ledger: LedgerClient, clock: Clock, progress: Progress) -> None:
        self._store = store
        self._ledger = ledger
        self._clock = clock
        self._progress = progress

    async def wait(self) -> None:
        """Return once everything has been acted on. Raises `Problem` when nothing moves any more."""
        silence = 0.0
        while silence < PATIENCE:
            seen = self._progress.rounds.value
            if await self._is_settled(seen):
                return
            try:
                await self._progress.rounds.wait_for(seen + 1, timeout=LOOK_UP)
                silence = 0.0
            except TimeoutError:
                silence += LOOK_UP
        raise Problem(
            UNAVAILABLE, "Something is still due and does not get on; /readyz says more.", headers=RETRY
        )

    async def next_due(self) -> datetime | None:
        """When something is next due. On a test clock, once what is in the ledger by now has been acted on.

        Whoever moves the clock goes from one such instant to the next: one that we have yet to read of would
        be passed over. Raises `Problem` as `wait` does.
        """
        if self._clock.is_test:
            await self.wait()
        return await self._store.next_due()

    async def _is_settled(self, seen: int) -> bool:
        if not self._nothing_moved_since(seen) or await self._is_due():
            return False  # without asking the ledger, which is the dear part
        try:
            head = (await self._ledger.head()).position
        except LedgerError as error:
            raise Problem(UNAVAILABLE, "The ledger does not answer.", headers=RETRY) from error
        # What is due is looked at once more: another notifier may have come to the head in between.
        if await self._store.checkpoint() < head or await self._is_due():
            return False
        return self._nothing_moved_since(seen)

    async def _is_due(self) -> bool:
        due = await self._store.next_due()
        return due is not None and due <= self._clock.now()

    def _nothing_moved_since(self, seen: int) -> bool:
        """Whether no round was under way, or has ended, since we began to look."""
        return self._progress.idle and self._progress.rounds.value == seen
