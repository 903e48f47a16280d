"""Append group commits, until the outcome of each is known."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import asyncpg
import structlog

from services.ledger.decision import Decided
from services.ledger.dedicated import Dedicated
from services.runtime import postgres
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

    async def append(self, decided: Sequence[Decided], recorded: datetime) -> list[Outcome]:
        """Append the requests; answers for each, in order, once it is known what became of them.

        Raises `NotAppended` when it is certain that nothing was. An unknown outcome is not given up: the
        same batch is sent again until the database says what it has. Ids make that safe, and the answer to an
        append that had taken effect is `duplicate` with the very documents that were sent.
        """
        binds = _binds(decided, recorded)
        sent = False
        while True:
            try:
                await self._connection.reach()
            except (*postgres.AWAY, asyncpg.PostgresError) as error:
                log.warning("append.waiting", count=len(decided), error=named(error))
                if not sent:
                    raise NotAppended from error
            else:
                try:
                    return [Outcome(*row) for row in await self._connection.fetch(self._sql, *binds)]
                except (
                    ValueError
                ):  # asyncpg could not write a value, though it calls that an interface's error
                    raise
                except asyncpg.QueryCanceledError as error:
                    if not sent:
                        raise NotAppended from error
                except postgres.AWAY as error:
                    # The commit may have happened, only its answer did not come.
                    sent = True
                    log.warning("append.outcome_unknown", count=len(decided), error=named(error))
            await asyncio.sleep(RETRY_PAUSE)


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
