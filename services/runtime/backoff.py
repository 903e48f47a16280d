"""Wait between tries: a little, then longer, spread out by chance, and not for ever unless asked."""

import asyncio
import random
import time
from typing import Final

SHORTEST: Final = 0.05
LONGEST: Final = 2.0


class Backoff:
    """How long to wait before the next try, and whether there is to be one.

    `patience` is in seconds, counted from the first failure since `reset`; None is endless. `longest` caps
    one wait.
    """

    def __init__(self, patience: float | None, *, longest: float = LONGEST) -> None:
        self._patience = patience
        self._longest = longest
        self.reset()

    def reset(self) -> None:
        """Say that a try succeeded."""
        self._pause = SHORTEST
        self._since: float | None = None

    async def pause(self, at_least: float = 0.0) -> bool:
        """Wait, and return True; or return False at once where patience would run out by waiting."""
        now = time.monotonic()
        self._since = self._since or now
        seconds = max(at_least, self._pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads load, hides nothing
        if self._patience is not None and now + seconds - self._since > self._patience:
            return False
        await asyncio.sleep(seconds)
        self._pause = min(self._pause * 2, self._longest)
        return True
