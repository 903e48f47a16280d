"""How far the read models are behind the ledger: in positions, in seconds, and in cases that are parked."""

from contextlib import aclosing
from typing import Final

from msgspec import Struct

from services.projector.projection import header_of
from services.projector.reader import Reader
from services.runtime.client import LedgerClient, LedgerError
from services.runtime.clock import Clock
from services.runtime.health import Health

MOST_PARKED: Final = 200
LATE: Final = 60.0  # seconds


class Parked(Struct, frozen=True):
    """A case whose rows stop before the event at `position`, and why."""

    case_id: str
    position: int
    error: str


class Lag(Struct, frozen=True):
    """`head` and what follows from it are null while the ledger does not answer.

    `age_seconds` is how long ago the oldest event that is not projected was recorded; 0 if there is none.
    A `head` before `position` is that of a ledger that was restored from a backup: rebuild the read models.
    `parked` lists at most 200 cases.
    """

    generation: int
    position: int
    head: int | None
    positions_behind: int | None
    age_seconds: float | None
    parked: list[Parked]


class LagGauge:
    """Asks the read model and the ledger."""

    def __init__(self, reader: Reader, ledger: LedgerClient, clock: Clock) -> None:
        self._reader = reader
        self._ledger = ledger
        self._clock = clock

    async def read(self) -> Lag:
        """Measure. Raises `ReadModelAway`."""
        found = await self._reader.find("parked", MOST_PARKED, key="case_id")
        parked = [Parked(row["case_id"], row["position"], row["error"]) for row in found.rows]
        generation = found.first["generation"]
        try:
            head = (await self._ledger.head()).position
            age = await self._age_after(found.as_of) if head > found.as_of else 0.0
        except LedgerError:
            return Lag(generation, found.as_of, None, None, None, parked)
        return Lag(generation, found.as_of, head, max(0, head - found.as_of), age, parked)

    async def _age_after(self, position: int) -> float:
        async with aclosing(self._ledger.events_after(position, limit=1, patiently=False)) as documents:
            async for document in documents:
                recorded = header_of(document).recordedat
                return max(0.0, (self._clock.now() - recorded).total_seconds())
        return 0.0

    async def check_lag(self) -> Health:
        """Whether answers are fresh. A ledger that is away leaves it open: what is there can be read."""
        lag = await self.read()
        if lag.positions_behind is None or lag.age_seconds is None:
            return Health(ok=True, detail="unknown: the ledger does not answer", warning=True)
        if lag.head is not None and lag.head < lag.position:
            ahead = lag.position - lag.head
            detail = f"{ahead} positions ahead of the ledger, which was put back; rebuild the read models"
            return Health(ok=False, detail=detail)
        behind = f"{lag.positions_behind} positions behind, the oldest for {lag.age_seconds:.0f} seconds"
        return Health(ok=lag.age_seconds < LATE, detail=behind if lag.positions_behind else "none")

    async def check_parked(self) -> Health:
        """Say how many cases are parked. The others are served, so this does not make the service unready."""
        parked = (await self.read()).parked
        if not parked:
            return Health(ok=True, detail="none")
        named = ", ".join(f"{case.case_id} at {case.position}" for case in parked[:5])
        detail = f"degraded: {len(parked)} parked ({named}); /v1/lag says why"
        return Health(ok=True, detail=detail, warning=True)
