"""Project what the ledger publishes into the live generation: one process at a time, others stand by."""

from contextlib import aclosing
from typing import Final, Literal

import asyncpg
import structlog

from services.projector.generations import CheckpointMoved, Generation
from services.projector.projection import Projection
from services.runtime import postgres
from services.runtime.backoff import Backoff
from services.runtime.follow import Follower
from services.runtime.health import Health
from services.runtime.leadership import Leadership, LeadershipLost
from services.runtime.logs import named
from services.runtime.moment import Watermark

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

LOCK: Final = "projector"
MOST: Final = 1_000  # documents in one transaction
RETRIED: Final = (*postgres.AWAY, asyncpg.PostgresError, LeadershipLost, CheckpointMoved)


class Consumer:
    """Owns the live generation's checkpoint while it leads; `projected` says how far it has come."""

    def __init__(self, url: str, projection: Projection, follower: Follower, projected: Watermark) -> None:
        self._url = url
        self._projection = projection
        self._follower = follower
        self._projected = projected
        self._doing: Literal["standing by", "projecting"] = "standing by"
        self._trouble = ""

    async def run(self) -> None:
        """Stand for leadership and project, until cancelled."""
        wait = Backoff(None)
        while True:
            try:
                async with Leadership(
                    self._url, LOCK, application_name="caseledger projector", stands_by=self._stand_by
                ):
                    await self._project(wait)
            except RETRIED as error:
                # Nothing of the batch was kept. Whatever the checkpoint is by now, it is read again.
                self._doing, self._trouble = "standing by", named(error)
                log.warning("projector.interrupted", error=named(error))
            await wait.pause()

    async def check(self) -> Health:
        """Whether documents come in and their rows go out."""
        if self._trouble:
            return Health(ok=False, detail=f"{self._trouble}; trying again")
        if self._doing == "standing by":
            return Health(ok=True, detail="standing by: another process projects")
        source = self._follower.source
        return Health(ok=source != "nowhere", detail=f"reading from {source}")

    def _stand_by(self) -> None:
        self._trouble = ""  # whatever stopped us, another projects by now

    async def _project(self, wait: Backoff) -> None:
        generation = await self._projection.live()
        await self._projection.retry_parked(generation)
        self._projected.begin(generation.position)
        self._note(generation)
        wait.reset()
        async with aclosing(self._follower.batches(generation.position, most=MOST)) as batches:
            async for batch in batches:
                generation = await self._projection.advance(generation, batch)
                self._note(generation)

    def _note(self, generation: Generation) -> None:
        self._doing, self._trouble = "projecting", ""
        self._projected.advance(generation.position)
