"""Append group commits on one dedicated connection, until the outcome of each is known."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import asyncpg
import structlog

from services.ledger.decision import Decided
from services.runtime import postgres
from services.runtime.logs import named

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

STATEMENT_TIMEOUT: Final = 10.0  # seconds; the database gives up first, and says so
CONNECT_PATIENCE: Final = 1.5  # seconds
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
    """Owns the connection that appends. One call at a time."""

    def __init__(self, url: str, statement: str, *, application_name: str) -> None:
        self._url = url
        self._sql = statement
        self._application_name = application_name
        self._connection: asyncpg.Connection | None = None
        self._prepared: Any = None

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
                prepared = await self._ready()
            except (*postgres.AWAY, asyncpg.PostgresError) as error:
                log.warning("append.waiting", count=len(decided), error=named(error))
                if not sent:
                    raise NotAppended from error
            else:
                try:
                    rows = await prepared.fetch(*binds, timeout=STATEMENT_TIMEOUT + 2)
                    return [Outcome(*row) for row in rows]
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
                    self._drop()
            await asyncio.sleep(RETRY_PAUSE)

    async def close(self) -> None:
        """Let go of the connection."""
        self._drop()

    async def _ready(self) -> Any:
        if self._connection is None or self._connection.is_closed():
            self._drop()
            connecting = postgres.connect(
                self._url, application_name=self._application_name, statement_timeout=STATEMENT_TIMEOUT
            )
            connection = await asyncio.wait_for(connecting, CONNECT_PATIENCE)
            self._connection = connection
            self._prepared = await connection.prepare(self._sql)
        return self._prepared

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
        self._connection = self._prepared = None


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
