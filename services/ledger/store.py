"""Read the ledger: one case's history, the documents in order, the head. It changes nothing."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg

from services.domain.access import Access, case_of
from services.domain.as_at import NOW, AsAt, choose
from services.domain.errors import UnknownEventType
from services.domain.event import CaseVersion, decode
from services.ledger.dedicated import Dedicated
from services.ledger.state import State, refold
from services.runtime.postgres import Statements


class Placed(NamedTuple):
    """A stored document with its position and what its subject on the stream is made of."""

    position: int
    case_id: str
    type: str
    document: bytes


class Known(NamedTuple):
    """An event that is in the ledger already: the hash of what was submitted, and its document."""

    content: bytes
    document: str


class Unreadable(NamedTuple):
    """A stream that holds an event of which this release knows nothing: a newer one wrote it."""

    error: str


class Store:
    """The service's reads. Raises what asyncpg raises; `postgres.AWAY` when the server cannot be reached."""

    def __init__(self, on: asyncpg.Pool | Dedicated, statements: Statements) -> None:
        self._on = on
        self._sql = statements

    async def states(self, streams: Sequence[str]) -> dict[str, State | Unreadable]:
        """Fold the histories of some streams, all read by one query; one never recorded is at version 0.

        Of access logs, which may be long, only the versions are read.
        """
        logs = {stream: case_id for stream in streams if (case_id := case_of(stream)) is not None}
        histories: dict[str, list[str]] = {stream: [] for stream in streams if stream not in logs}
        found: dict[str, State | Unreadable] = {}
        if histories:
            for stream, document in await self._on.fetch(self._sql["histories"], list(histories)):
                histories[stream].append(document)
            found = {stream: _refold(stream, history) for stream, history in histories.items()}
        versions = await self.versions(list(logs)) if logs else {}
        return found | {log: Access(logs[log], CaseVersion(version)) for log, version in versions.items()}

    async def versions(self, case_ids: Sequence[str]) -> dict[str, int]:
        """The current versions of some cases; 0 for one of which nothing is recorded."""
        rows = await self._on.fetch(self._sql["case_versions"], case_ids)
        return {case_id: row[0] for case_id, row in zip(case_ids, rows, strict=True)}

    async def known(self, identities: Sequence[tuple[str, str]]) -> dict[int, Known]:
        """Which of some events, each a source and an id, are in the ledger, by their place."""
        sources, ids = zip(*identities, strict=True)
        rows = await self._on.fetch(self._sql["known_events"], sources, ids)
        return {place: Known(content, document) for place, content, document in rows}

    async def case_events(self, case_id: str, *, after_version: int = 0, asked: AsAt = NOW) -> list[str]:
        """One case's documents in order: all, or those that an answer for a day of the past is made of."""
        past = asked.occurred_until is not None  # a voiding goes with what it voids, which may lie before
        after = 0 if past else after_version
        rows = await self._on.fetch(self._sql["case_events"], case_id, after, asked.recorded_until)
        chosen = choose([document for _, document in rows], asked)
        return [
            document
            for (version, document), is_chosen in zip(rows, chosen, strict=True)
            if is_chosen and version > after_version
        ]

    async def head(self) -> int:
        """The position of the last event; 0 before the first."""
        position: int = await self._on.fetchval(self._sql["head"])
        return position

    async def after(self, position: int, limit: int) -> list[Placed]:
        """At most `limit` documents after a position, in order."""
        rows = await self._on.fetch(self._sql["documents_after"], position, limit)
        return [Placed(at, case_id, name, document.encode()) for at, case_id, name, document in rows]

    async def restrictions(self, case_id: str | None = None) -> Sequence[tuple[str, int, str]]:
        """What was recorded of restrictions: case, position and document; of one case, or of all."""
        return [tuple(row) for row in await self._on.fetch(self._sql["restrictions"], case_id)]

    async def erased_at(self, case_id: str) -> datetime | None:
        """Since when a case is erased, or is being erased; None if nobody decided it."""
        at: datetime | None = await self._on.fetchval(self._sql["erasure_of"], case_id)
        return at

    async def document(self, position: int) -> str | None:
        """The document at a position, or None beyond the head."""
        document: str | None = await self._on.fetchval(self._sql["document_at"], position)
        return document


def _refold(stream: str, history: Iterable[str]) -> State | Unreadable:
    try:
        return refold(stream, map(decode, history))
    except UnknownEventType as error:
        return Unreadable(str(error))
