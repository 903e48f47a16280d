"""Leave nothing of a destroyed key on the disk of its database, neither in the table nor in its log.

What is to be done stands in the keys' table, and each step may be repeated: after a crash, any ledger goes
on. An erasure does not wait for it. Until a key is destroyed, it costs a look at an index that is empty.
"""

import asyncio
from datetime import datetime
from typing import Final

import asyncpg
import structlog

from services.ledger import residue
from services.ledger.absence import AWAY
from services.ledger.residue import Residue
from services.runtime import postgres
from services.runtime.clock import Clock
from services.runtime.health import Health
from services.runtime.logs import named
from services.runtime.postgres import Statements

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

LOOK_EVERY: Final = 5.0  # seconds
REST: Final = 30.0  # seconds after a round: what is destroyed meanwhile is scrubbed together
LONGEST: Final = 5  # doublings of that after tries in vain: each writes the table or makes a checkpoint
PATIENCE: Final = 300.0  # seconds for a step: a checkpoint writes all that the whole server has to write


class Scrubbing:
    """Scrubs what is destroyed. `pool`, `url` and `upkeep` lead to the database of the keys.

    Whoever asks is answered by `pool`; on `upkeep` it looks for itself what there is to do.
    """

    def __init__(
        self, pool: asyncpg.Pool, url: str, statements: Statements, clock: Clock, *, upkeep: asyncpg.Pool
    ) -> None:
        self._pool = pool
        self._upkeep = upkeep
        self._url = url
        self._sql = statements
        self._clock = clock
        self._in_vain = 0  # how often running

    async def run(self) -> None:
        """Scrub now and again, until cancelled."""
        while True:
            pause = await self._round()
            await asyncio.sleep(pause)

    async def scrub(self) -> bool:
        """Scrub what is destroyed by now; whether nothing is left. Raises what asyncpg raises, then go on."""
        found = await self._look()
        if not found.keys:
            return True
        connection = await postgres.connect(
            self._url, application_name="caseledger scrub", statement_timeout=PATIENCE
        )
        try:
            rewritten = found.in_table > 0 and await self._rewrite(connection)
            # A crash here leaves a table without it, in which it stands from where on the log is, too.
            if rewritten or found.in_log:
                await self._renew_log(connection)
        finally:
            await connection.close()
        return not (await self._look()).keys

    async def residue(self) -> Residue:
        """What is left to do."""
        return await residue.look(self._pool, self._sql)

    async def done_at(self, stream: str) -> datetime | None:
        """Since when nothing is left of the destroyed key of a stream; None if something may be."""
        at: datetime | None = await self._pool.fetchval(self._sql["scrubbed_at"], stream)
        return at

    async def check(self) -> Health:
        """What is left, and what to do if it was tried in vain: always ok, for nothing waits for it."""
        found = await self.residue()
        if not found.told:
            return Health(ok=True, detail="nothing is left of destroyed keys")
        again = "; trying again" if found.keys else ""
        return Health(ok=True, warning=found.orphan or self._in_vain > 0, detail=f"{found.told}{again}")

    async def _round(self) -> float:
        """Scrub what there is; gives for how many seconds to leave it then, longer and longer if in vain."""
        found, done = True, False
        try:
            found = (await self._look()).keys > 0
            done = not found or await self.scrub()
        except (asyncpg.PostgresError, *AWAY) as error:
            log.warning("scrubbing.trouble", error=named(error))
        self._in_vain = 0 if done else self._in_vain + 1
        if not done:
            return LOOK_EVERY * 2.0 ** min(self._in_vain, LONGEST)
        return REST if found else LOOK_EVERY

    async def _look(self) -> Residue:
        return await residue.look(self._upkeep, self._sql)

    async def _rewrite(self, connection: asyncpg.Connection) -> bool:
        """Write the table anew; whether nothing is left there."""
        code = "busy"  # another process is at it
        if await connection.fetchval(self._sql["begin_rewrite"]):
            # A crash of the server now leaves a file that belongs to nobody, and the note that it began.
            code = await self._rewrite_now(connection)
        log.info("scrubbing.table", code=code)
        return code == "done"

    async def _rewrite_now(self, connection: asyncpg.Connection) -> str:
        try:
            done = await connection.fetchval(self._sql["rewrite_data_keys"])
        except (asyncpg.PostgresError, TimeoutError) as error:
            if not connection.is_closed():
                await connection.execute(self._sql["end_rewrite"])
            if not isinstance(error, asyncpg.LockNotAvailableError):
                raise
            return "in_use"
        return "done" if done else "still_read"

    async def _renew_log(self, connection: asyncpg.Connection) -> None:
        code = await connection.fetchval(self._sql["renew_log"], self._clock.now())
        log.info("scrubbing.log", code=code)
