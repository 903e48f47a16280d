"""Generations of the read models: one is live, and a switch makes the next one live in one commit."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import NamedTuple

import asyncpg

from services.projector.computation import TABLES
from services.runtime.postgres import Statements


class Generation(NamedTuple):
    """A generation with its checkpoint; `recorded_at` is of the event there, None before the first."""

    number: int
    position: int
    recorded_at: datetime | None = None


class CheckpointMoved(Exception):
    """Somebody else moved the generation's checkpoint, or retired it: read the live one, and go on there."""


async def live(connection: asyncpg.Connection | asyncpg.Pool, sql: Statements) -> Generation:
    """The live generation as the statement's snapshot has it."""
    return Generation(*await connection.fetchrow(sql["live_generation"]))


async def read(connection: asyncpg.Pool, sql: Statements, number: int) -> Generation:
    """One generation and its checkpoint. Raises `CheckpointMoved` if it is gone."""
    row = await connection.fetchrow(sql["generation"], number)
    if row is None:
        raise CheckpointMoved
    return Generation(*row)


async def lock(connection: asyncpg.Connection, sql: Statements, number: int, position: int) -> None:
    """Hold a generation's row, within a transaction, at a checkpoint. Raises `CheckpointMoved`."""
    if await connection.fetchval(sql["lock_generation"], number) != position:
        raise CheckpointMoved


async def move(
    connection: asyncpg.Connection, sql: Statements, before: Generation, after: Generation
) -> None:
    """Move a checkpoint from the value that was read. Raises `CheckpointMoved` if it is another by now."""
    moved = await connection.fetchval(
        sql["move_checkpoint"], before.number, before.position, after.position, after.recorded_at
    )
    if moved is None:
        raise CheckpointMoved


@asynccontextmanager
async def held(connection: asyncpg.Connection, sql: Statements) -> AsyncIterator[Generation]:
    """The live generation, whose checkpoint nobody moves within; queries go on.

    A projector that is about to move it waits, finds what has become of it, and goes on there.
    """
    async with connection.transaction():
        number, position, recorded_at, _ = await connection.fetchrow(sql["lock_live_generation"])
        yield Generation(number, position, recorded_at)


async def switch(connection: asyncpg.Connection, sql: Statements, live: Generation, number: int) -> None:
    """Make `number` the live generation in place of one that is held. A query sees either, whole."""
    await connection.execute(sql["retire_generation"], live.number)
    await connection.execute(sql["enliven_generation"], number)


async def drop_dead(connection: asyncpg.Connection, sql: Statements) -> None:
    """Drop every generation that is not live, table by table; a crash leaves the rest for next time.

    Only for whoever holds the rebuild's lock: a generation being built is not live either.
    """
    for (number,) in await connection.fetch(sql["dead_generations"]):
        for table in ("history", *(table.name for table in TABLES)):
            await connection.execute(sql[f"drop_{table}"], number)
        await connection.execute(sql["drop_generation"], number)
