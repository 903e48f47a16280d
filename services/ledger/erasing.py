"""Erase a case: record that it was decided, destroy its data key, record that. Each once, whatever crashes.

The decision is recorded first: from then on nothing personal is admitted to the case, so no key is made anew
or used again. What a crash leaves undone after it, any ledger finishes: at its start, and every few seconds.

Keys can be restored from a backup that is older than an erasure. Restoring ends all connections: whenever a
ledger begins to listen to what is destroyed, it destroys again what was erased.
"""

import asyncio
from typing import Final

import asyncpg
import structlog

from services.domain import erasure
from services.domain.case import Case
from services.domain.erasure import Decision, Progress
from services.domain.event import Submission
from services.ledger.absence import AWAY
from services.ledger.batcher import Batcher, Overloaded
from services.ledger.datakeys import DataKeys
from services.ledger.request import UNCONDITIONAL, Answer, Appended, Away, Request
from services.ledger.secrecy import Secrecy
from services.ledger.store import Store
from services.runtime.health import Health
from services.runtime.logs import named
from services.runtime.postgres import Statements

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

LOOK_EVERY: Final = 5.0  # seconds: by how much another process's unfinished erasure may be late


class NotDone(Exception):
    """A step was not recorded; `answer` says why. What was done by then stands, and asking again goes on."""

    def __init__(self, request: Request, answer: Answer) -> None:
        super().__init__(type(answer).__name__)
        self.request = request
        self.answer = answer


class Erasing:
    """Erases cases. Raises `NotDone`, and what asyncpg raises: then it goes on where it stopped."""

    def __init__(self, pool: asyncpg.Pool, statements: Statements, keys: DataKeys, batcher: Batcher) -> None:
        self._pool = pool
        self._sql = statements
        self._store = Store(pool, statements)
        self._keys = keys
        self._secrecy = Secrecy(keys)
        self._batcher = batcher
        self._left = 0
        self._looked_back = -1  # up to which beginning of listening what is erased was destroyed again

    async def erase(self, case_id: str, decision: Decision, actor: str | None) -> Progress | None:
        """Erase a case, or go on with that: the first decision stands. None if there is no such case."""
        known = await self.progress(case_id)
        if known is None:
            return None
        if known.destroyed:
            await self._keys.destroy(case_id)  # again, if a backup brought it back
            return known
        if known.decided is None:
            await self._record(erasure.decided(case_id, decision, actor))
        # A crash here leaves a decision: whoever looks next destroys the key.
        await self.finish(case_id)
        return await self.progress(case_id)

    async def finish(self, case_id: str) -> None:
        """Destroy the key of a case whose erasure was decided, and record it; repeating it is harmless."""
        destroyed = await self._keys.destroy(case_id)
        # A crash here leaves a key destroyed of which nobody knows: its row says since when, whoever asks.
        await self._record(erasure.destroyed(case_id, destroyed.at))
        log.info("erasure.done", case=case_id)

    async def progress(self, case_id: str) -> Progress | None:
        """How far the erasure of a case has come; None if nothing is recorded of the case."""
        state = (await self._store.states([case_id]))[case_id]
        return erasure.progress(state) if isinstance(state, Case) and state.version else None

    async def run(self) -> None:
        """Finish what was decided and not done, now and again, until cancelled."""
        while True:
            try:
                await self._finish_all()
            except (NotDone, *AWAY) as error:
                log.warning("erasure.trouble", error=named(error))
            await asyncio.sleep(LOOK_EVERY)

    async def check(self) -> Health:
        """How many erasures wait: always ok, for nothing else waits for them."""
        if self._left:
            detail = f"{self._left} erasures were decided and are not done; trying again"
            return Health(ok=True, warning=True, detail=detail)
        return Health(ok=True, detail="none is left undone")

    async def _finish_all(self) -> None:
        if (begun := self._keys.begun) != self._looked_back:
            await self._destroy_again()
            self._looked_back = begun
        left = [case_id for (case_id,) in await self._pool.fetch(self._sql["open_erasures"])]
        self._left = len(left)
        for case_id in left:
            await self.finish(case_id)
            self._left -= 1

    async def _destroy_again(self) -> None:
        """Destroy what is erased and has a key nevertheless."""
        erased = [case_id for (case_id,) in await self._pool.fetch(self._sql["erased_cases"])]
        for case_id in await self._keys.standing(erased):
            await self._keys.destroy(case_id)
            log.warning("erasure.repeated", case=case_id)

    async def _record(self, submission: Submission) -> None:
        answer = asyncio.get_running_loop().create_future()
        request = Request(submission.stream, (submission,), UNCONDITIONAL, answer)
        await self._secrecy.seal([request])
        try:
            self._batcher.submit([request])
        except Overloaded:
            raise NotDone(request, Away(certain=True)) from None
        if not isinstance(await answer, Appended):
            raise NotDone(request, answer.result())
