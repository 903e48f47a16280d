"""Ledgers that end by `kill -9` at a step of erasing: `python -m tests.integration.ledger.mortal_eraser URL`.

A line `STEP|WHEN|CASE` on standard input is one process, forked from this one so that it starts at once. It
records something personal of CASE, erases it, and kills itself "before", "during" or "after" the step;
without a step it ends in order, and so it does not scrub. A line without a case is a process that starts and
finishes what others left; `|scrub|` scrubs, too.
A line of output says by which signal it ended, 0 for none.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple

import asyncpg
import structlog

from services.domain.calendar import england_and_wales
from services.domain.erasure import Decision
from services.domain.event import Submission
from services.domain.events.forgetting import ErasureBasis, ErasureDecided, KeyDestroyed
from services.domain.posted import parse
from services.ledger import signing, wrapping
from services.ledger.appender import Appender
from services.ledger.batcher import Batcher
from services.ledger.cases import Cases
from services.ledger.commits import Commits
from services.ledger.datakeys import DataKeys
from services.ledger.dedicated import Dedicated
from services.ledger.erasing import Erasing
from services.ledger.scrubbing import Scrubbing
from services.ledger.store import Store
from services.runtime import postgres
from services.runtime.clock import SystemClock
from tests.integration.ledger import ledgers
from tests.support.secrets import KEY_ENCRYPTION_KEY
from tests.support.until import until

WORDS: Final = "EbenezerTheForgotten"
DECISION: Final = Decision(authority="COURT", basis=ErasureBasis.COURT_ORDER, decided_by="records:1")


class Step(NamedTuple):
    """A step: whose method it is, and of what calls."""

    owner: type[Any]
    name: str
    concerned: Callable[[Any], bool] = lambda _: True


ERASING: Final = {
    "record the decision": Step(Erasing, "_record", lambda given: _is(given, ErasureDecided)),
    "destroy the key": Step(DataKeys, "destroy"),
    "record that it is destroyed": Step(Erasing, "_record", lambda given: _is(given, KeyDestroyed)),
}
SCRUBBING: Final = {
    "rewrite the table": Step(Scrubbing, "_rewrite"),
    "renew the log": Step(Scrubbing, "_renew_log"),
}
STEPS: Final = ERASING | SCRUBBING


def main(database_url: str) -> None:
    """Fork one process a line."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    for line in sys.stdin:
        step, when, case = line.strip().split("|")
        pid = os.fork()
        if pid == 0:
            _live(database_url, step, when, case)
        _, status = os.waitpid(pid, 0)
        print(os.WTERMSIG(status) if os.WIFSIGNALED(status) else status, flush=True)  # noqa: T201 - the answer


def _live(database_url: str, step: str, when: str, case: str) -> None:
    if step:
        owner, name, concerned = STEPS[step]
        setattr(owner, name, _dying(getattr(owner, name), concerned, when))
    try:
        if case:
            asyncio.run(_erase(database_url, case))
        else:
            asyncio.run(_finish(database_url))
        if step in SCRUBBING or when == "scrub":
            asyncio.run(_scrub(database_url))
        os._exit(0)
    finally:
        os._exit(1)


async def _erase(database_url: str, case: str) -> None:
    async with _erasing(database_url) as erasing:
        said = b'{"type":"ContactReceived","data":{"contact_id":"c","summary":"%b"}}' % WORDS.encode()
        if await erasing.progress(case) is None:
            await erasing._record(parse(said, case, lambda: f"{case}-1"))
        found = await erasing.erase(case, DECISION, "operator:1")
        assert found
        assert found.destroyed


async def _finish(database_url: str) -> None:
    async with _erasing(database_url) as erasing:
        await erasing._finish_all()


async def _scrub(database_url: str) -> None:
    url, statements = ledgers.as_ledger(database_url), postgres.load_sql("services.ledger.sql")
    async with asyncpg.create_pool(url, min_size=0, max_size=3) as pool:
        # Of one that was killed, a statement may still be at it.
        await until(Scrubbing(pool, url, statements, SystemClock(), upkeep=pool).scrub)


@asynccontextmanager
async def _erasing(database_url: str) -> AsyncIterator[Erasing]:
    """As a ledger's composition has it, less what no erasure touches."""
    url, statements, clock = (
        ledgers.as_ledger(database_url),
        postgres.load_sql("services.ledger.sql"),
        SystemClock(),
    )
    async with asyncpg.create_pool(url, min_size=0, max_size=3) as pool:
        deciding = Dedicated(url, application_name="caseledger append")
        keys = DataKeys(pool, statements, wrapping.parse(KEY_ENCRYPTION_KEY), clock)
        batcher = Batcher(
            store=Store(deciding, statements),
            appender=Appender(deciding, statements["append_many"]),
            cases=Cases(100),
            commits=Commits(Store(pool, statements)),
            clock=clock,
            days=england_and_wales(),
            giving=signing.at_work(None, None)[1],  # type: ignore[arg-type]  # without a key nobody is asked
        )
        running = asyncio.create_task(batcher.run())
        try:
            yield Erasing(pool, statements, keys, batcher)
        finally:
            running.cancel()
            await deciding.close()


def _is(submission: Submission, kind: type[Any]) -> bool:
    return isinstance(submission.event, kind)


def _dying(
    step: Callable[..., Awaitable[Any]], concerned: Callable[[Any], bool], when: str
) -> Callable[..., Awaitable[Any]]:
    async def dies(self: Any, given: Any) -> Any:
        if not concerned(given):
            return await step(self, given)
        if when == "after":
            await step(self, given)
        if when == "during":
            asyncio.ensure_future(step(self, given))  # noqa: RUF006 - nothing outlives the next two lines
            await asyncio.sleep(0.002)  # the statement is on its way
        os.kill(os.getpid(), signal.SIGKILL)
        return None

    return dies


if __name__ == "__main__":
    main(*sys.argv[1:])
