"""Append group commits, until the outcome of each is known."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import asyncpg
import structlog

from services.ledger.absence import UNABLE, UNMIGRATED
from services.ledger.decision import Decided
from services.ledger.dedicated import Dedicated
from services.runtime import postgres
from services.runtime.health import Health
from services.runtime.logs import named

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

RETRY_PAUSE: Final = 0.2  # seconds

Binds = tuple[Any, ...]


class Outcome(NamedTuple):
    """What became of one request: `append_many`'s row for it."""

    request: int
    outcome: str
    position: int | None
    caseversion: int | None
    stored: list[str] | None
    reused: list[str] | None


class NotAppended(Exception):
    """The database could not be reached or gave up: nothing was appended. It may be sent again."""


class Appender:
    """Calls `append_many`, one call at a time."""

    def __init__(self, connection: Dedicated, statement: str) -> None:
        self._connection = connection
        self._sql = statement
        self._trouble = ""

    async def check(self) -> Health:
        """Whether the last append went well. A warning, no more: only the next append can show it mended."""
        if self._trouble:
            detail = f"the last append failed ({self._trouble}): posts get 503 until one goes well"
            return Health(ok=True, detail=detail, warning=True)
        return Health(ok=True, detail="go well")

    async def append(
        self, decided: Sequence[Decided], recorded: datetime, office_version: int | None = None
    ) -> tuple[list[Outcome], bool]:
        """Append the requests: what became of each, in order, and whether they had to be sent again.

        All conflict if they were decided on a version of the office, and it has moved on.

        Raises `NotAppended` when it is certain that nothing was. An unknown outcome is not given up: the
        same batch is sent again until the database says what it has. Ids make that safe, and the answer to an
        append that had taken effect is `duplicate` with the very documents that were sent.
        """
        binds = (*_binds(decided, recorded), office_version)
        sent_again = False
        while (rows := await self._send(binds, again=sent_again)) is None:
            sent_again = True
            await asyncio.sleep(RETRY_PAUSE)
        self._trouble = ""
        return [Outcome(*row) for row in rows], sent_again

    async def _send(self, binds: Binds, *, again: bool) -> list[asyncpg.Record] | None:
        """What the database answers; None where it is unknown what became of the requests."""
        try:
            await self._connection.reach()
        except (*postgres.AWAY, asyncpg.PostgresError) as error:
            certain = error
        else:
            try:
                return await self._connection.fetch(self._sql, *binds)
            except (*UNMIGRATED, *UNABLE, asyncpg.QueryCanceledError) as error:
                certain = error
            except postgres.AWAY as error:
                if isinstance(error, ValueError):  # a value that asyncpg cannot write, whatever it calls that
                    raise
                # The commit may have happened, only its answer did not come.
                log.warning("append.outcome_unknown", error=named(error))
                self._trouble = named(error)
                return None
        log.warning("append.waiting", error=named(certain))
        self._trouble = named(certain)
        if again:  # nothing was appended this time; what became of it before is still unknown
            return None
        raise NotAppended from certain


def _binds(decided: Sequence[Decided], recorded: datetime) -> Binds:
    """The arrays that `append_many` takes: one place an event."""
    columns: tuple[list[Any], ...] = ([], [], [], [], [], [], [], [], [])
    requests, cases, versions, sources, ids, types, occurred, contents, documents = columns
    for number, each in enumerate(decided):
        documents.extend(each.documents)
        for nth, submission in enumerate(each.request.submissions, start=1):
            requests.append(number)
            cases.append(submission.stream)
            versions.append(each.base + nth)
            sources.append(submission.source)
            ids.append(submission.id)
            types.append(submission.event.TYPE)
            occurred.append(submission.time or recorded)
            contents.append(submission.content)
    return (requests, cases, versions, sources, ids, types, occurred, recorded, contents, documents)
