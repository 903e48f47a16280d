"""Take documents into a generation: history, rows and checkpoint in one transaction, or none of them.

A crash between the rows and the checkpoint leaves neither. A batch that another projector has taken in
already changes nothing.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Final

import asyncpg
from msgspec import Struct, json

from services.domain.access import case_of
from services.domain.office import OFFICE
from services.projector import closures, generations, rows
from services.projector.computation import Computed, Stored, compute
from services.projector.generations import Generation
from services.runtime.postgres import Statements

CASES_AT_ONCE: Final = 100  # whose histories are in memory together

Batch = Sequence[tuple[int, bytes]]
"""Consecutive positions with their documents."""


class Header(Struct, frozen=True):
    """What must be known of any document, be its type known or not."""

    subject: str
    recordedat: datetime


_headers = json.Decoder(Header)


def header_of(document: bytes) -> Header:
    """Read whose event a document is, and when it was recorded."""
    return _headers.decode(document)


class Projection:
    """Brings generations forward, over one pool."""

    def __init__(self, pool: asyncpg.Pool, statements: Statements) -> None:
        self._pool = pool
        self._sql = statements

    async def live(self) -> Generation:
        """The live generation and its checkpoint."""
        return await generations.live(self._pool, self._sql)

    async def read(self, number: int) -> Generation:
        """A generation and its checkpoint."""
        return await generations.read(self._pool, self._sql, number)

    async def advance(self, generation: Generation, batch: Batch) -> Generation:
        """Take in the documents that follow the generation's checkpoint. Returns it as it is then.

        Raises `CheckpointMoved`, and whatever asyncpg raises; then nothing has changed.
        """
        headers = [header_of(document) for _, document in batch]
        reached = Generation(generation.number, batch[-1][0], headers[-1].recordedat)
        async with self._pool.acquire() as connection, connection.transaction():
            await generations.lock(connection, self._sql, generation.number, generation.position)
            documents = [
                (position, header.subject, document.decode())
                for (position, document), header in zip(batch, headers, strict=True)
            ]
            await rows.keep_documents(connection, generation.number, documents)
            touched = {header.subject for header in headers}
            if OFFICE in touched:
                touched |= await closures.take_in(connection, self._sql, generation.number)
            touched -= await self._add_looks(connection, generation.number, documents)
            await self._recompute(connection, generation.number, touched)
            await generations.move(connection, self._sql, generation, reached)
        return reached

    async def retry_parked(self, generation: Generation) -> None:
        """Compute the parked cases again: a newer release may know what an older one did not."""
        async with self._pool.acquire() as connection, connection.transaction():
            await generations.lock(connection, self._sql, generation.number, generation.position)
            parked = await connection.fetch(self._sql["parked_cases"], generation.number)
            await self._recompute(connection, generation.number, {case_id for (case_id,) in parked})

    async def _add_looks(
        self, connection: asyncpg.Connection, generation: int, documents: Iterable[tuple[int, str, str]]
    ) -> set[str]:
        """Add what new documents tell to the access logs; gives those logs that need nothing more.

        A log that goes beyond what this release can read is to be computed as cases are, as a whole.
        """
        fresh: dict[str, list[Stored]] = {}
        for position, stream, document in documents:
            if case_of(stream) is not None:
                fresh.setdefault(stream, []).append(Stored(position, document))
        if not fresh:
            return set()
        parked = {stream for (stream,) in await connection.fetch(self._sql["parked_cases"], generation)}
        computed = [compute(stream, stored) for stream, stored in fresh.items() if stream not in parked]
        added = [each for each in computed if not each.is_parked]
        await rows.load(connection, generation, added)
        return {each.case_id for each in added}

    async def _recompute(
        self, connection: asyncpg.Connection, generation: int, streams: Iterable[str]
    ) -> None:
        case_ids = sorted(set(streams) - {OFFICE})
        days = await closures.calendar_of(connection, self._sql, generation)
        for start in range(0, len(case_ids), CASES_AT_ONCE):
            lot = case_ids[start : start + CASES_AT_ONCE]
            found = await connection.fetch(self._sql["histories"], generation, lot)
            computed: list[Computed] = []
            for case_id, history in groupby(found, key=itemgetter(0)):
                computed.append(compute(case_id, [Stored(row[1], row[2]) for row in history], days))
                await asyncio.sleep(0)  # queries are answered meanwhile
            await rows.replace(connection, self._sql, generation, computed)
