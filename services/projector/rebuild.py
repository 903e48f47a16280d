"""Build the next generation of the read models beside the live one, and switch when its lag is zero.

Queries are answered throughout, each from one generation. A crash leaves the live generation as it was and
a half-built one behind, which the next rebuild drops.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from itertools import groupby
from operator import itemgetter
from typing import Final

import asyncpg

from services.projector import closures, generations, rows
from services.projector.ahead import Ahead
from services.projector.computation import Computed, Stored, compute
from services.projector.generations import Generation
from services.projector.projection import Projection, header_of
from services.runtime import postgres
from services.runtime.client import LedgerClient
from services.runtime.leadership import lock_key

APPLICATION: Final = "caseledger projections rebuild"
LOCK: Final = "projector rebuild"
IN_BULK: Final = 5_000  # documents
CATCHING_UP: Final = 1_000  # documents
LONGEST_HOLD: Final = 5.0  # seconds

Progress = Callable[[int, int], None]
"""Told how many events are done, of how many. The whole may grow while events are appended."""


class RebuildUnderway(Exception):
    """Another rebuild of this database is at work."""

    def __str__(self) -> str:
        return "Another rebuild of this database is at work: let it finish, or end it and start again."


async def rebuild(database_url: str, ledger_url: str, progress: Progress, *, token: str = "") -> Generation:
    """Compute the read models again from the whole ledger and make them live. Returns the new generation.

    Waits for Postgres and for the ledger, which is asked with `token`. Raises `RebuildUnderway`.
    """
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        reader = await enter(_connection(database_url))
        writer = await enter(_connection(database_url))
        ledger = await enter(LedgerClient(ledger_url, source="/projector", token=token, patience=None))
        pool = await enter(_pool(database_url))
        return await _Rebuild(reader, writer, pool, ledger, progress).run()


class _Rebuild:
    """One rebuild. `reader` reads what `writer` has written; both wait for Postgres as long as it takes."""

    def __init__(
        self,
        reader: asyncpg.Connection,
        writer: asyncpg.Connection,
        pool: asyncpg.Pool,
        ledger: LedgerClient,
        progress: Progress,
    ) -> None:
        self._sql = postgres.load_sql("services.projector.sql")
        self._reader = reader
        self._writer = writer
        self._projection = Projection(pool, self._sql)
        self._ledger = ledger
        self._progress = progress

    async def run(self) -> Generation:
        if not await self._writer.fetchval("SELECT pg_try_advisory_lock($1)", lock_key(LOCK)):
            raise RebuildUnderway
        await generations.drop_dead(self._writer, self._sql)
        empty = Generation(await self._writer.fetchval(self._sql["open_generation"]), 0)
        loaded = await self._load_documents(empty)
        await self._compute_rows(loaded)
        await generations.move(self._writer, self._sql, empty, loaded)
        reached = await self._catch_up_and_switch(loaded)
        await generations.drop_dead(self._writer, self._sql)
        return reached

    async def _load_documents(self, generation: Generation) -> Generation:
        """Copy every document that the ledger has into the generation's history."""
        head = (await self._ledger.head()).position
        async with Ahead() as writing:
            async for documents in _in_lots(self._ledger.events_after(0), IN_BULK):
                headers = [header_of(document) for document in documents]
                placed = [
                    (position, header.subject, document.decode())
                    for position, (header, document) in enumerate(
                        zip(headers, documents, strict=True), generation.position + 1
                    )
                ]
                await writing.start(rows.keep_documents(self._writer, generation.number, placed))
                generation = Generation(generation.number, placed[-1][0], headers[-1].recordedat)
                self._progress(generation.position // 2, max(head, generation.position))
        return generation

    async def _compute_rows(self, generation: Generation) -> None:
        """Compute each case from its history, one in memory at a time, and write the rows in bulk."""
        computed: list[Computed] = []
        done = waiting = 0
        await closures.take_in(self._writer, self._sql, generation.number)
        days = await closures.calendar_of(self._writer, self._sql, generation.number)
        async with Ahead() as writing:
            async for case_id, documents in self._histories(generation.number):
                computed.append(compute(case_id, documents, days))
                waiting += len(documents)
                if waiting >= IN_BULK:
                    await writing.start(rows.load(self._writer, generation.number, computed))
                    done, waiting, computed = done + waiting, 0, []
                    self._progress((generation.position + done) // 2, generation.position)
                await asyncio.sleep(0)  # the rows before these are on their way out
            await writing.start(rows.load(self._writer, generation.number, computed))

    async def _histories(self, generation: int) -> AsyncIterator[tuple[str, Sequence[Stored]]]:
        async with self._reader.transaction(readonly=True):
            cursor = await self._reader.cursor(self._sql["all_histories"], generation)
            case_id, documents = "", list[Stored]()
            while found := await cursor.fetch(IN_BULK):
                for each, history in groupby(found, key=itemgetter(0)):
                    if each != case_id and documents:
                        yield case_id, documents
                        documents = []
                    case_id = each
                    documents += [Stored(row[1], row[2]) for row in history]
            if documents:
                yield case_id, documents

    async def _catch_up_and_switch(self, generation: Generation) -> Generation:
        """Follow the ledger to its end; then hold the live generation, take in its lead, and switch."""
        while True:
            generation = await self._catch_up(generation)
            self._progress(generation.position, generation.position)
            # The live projector stands still meanwhile: not for long, and never for a ledger that is away.
            with suppress(TimeoutError):
                async with asyncio.timeout(LONGEST_HOLD), generations.held(self._writer, self._sql) as live:
                    # A ledger that was restored from a backup ends before the live generation does.
                    head = (await self._ledger.head()).position
                    ahead = min(live.position, head) - generation.position
                    if ahead <= CATCHING_UP:
                        generation = await self._catch_up(generation, ahead) if ahead > 0 else generation
                        await generations.switch(self._writer, self._sql, live, generation.number)
                        return generation
            # Whether a commit that ran out of time took effect is unknown, so it is asked.
            if (await self._projection.live()).number == generation.number:
                return generation
            generation = await self._projection.read(generation.number)

    async def _catch_up(self, generation: Generation, most: int | None = None) -> Generation:
        """Take in what follows the generation's checkpoint in the ledger, up to its end or `most` events."""
        async with aclosing(self._ledger.events_after(generation.position, limit=most)) as documents:
            async for lot in _in_lots(documents, CATCHING_UP):
                batch = list(enumerate(lot, generation.position + 1))
                generation = await self._projection.advance(generation, batch)
        return generation


async def _in_lots(documents: AsyncIterator[bytes], most: int) -> AsyncIterator[list[bytes]]:
    lot: list[bytes] = []
    async for document in documents:
        lot.append(document)
        if len(lot) == most:
            yield lot
            lot = []
    if lot:
        yield lot


@asynccontextmanager
async def _connection(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await postgres.connect(
        url, application_name=APPLICATION, statement_timeout=0, idle_in_transaction_timeout=0
    )
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def _pool(url: str) -> AsyncIterator[asyncpg.Pool]:
    pool = await postgres.connect_pool(url, application_name=APPLICATION, max_size=1)
    try:
        yield pool
    finally:
        await pool.close()
