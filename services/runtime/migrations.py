"""Bring a service's schema up to date: each file once, in order, wholly or not at all."""

import hashlib
import re
from collections.abc import Mapping
from types import ModuleType
from typing import Final

import asyncpg
import structlog

from services.runtime import postgres
from services.runtime.leadership import lock_key

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

FILE_NAME: Final = re.compile(r"^\d{4}_[a-z0-9_]+$")
SCHEMA_NAME: Final = re.compile(r"^[a-z_][a-z0-9_]*$")


class MigrationChanged(Exception):
    """An applied migration differs from its file. Restore the file, and add a new one for a new change."""

    def __init__(self, schema: str, name: str) -> None:
        super().__init__(
            f"{schema}: {name} was applied with other content. Restore it and add a new migration."
        )
        self.schema = schema
        self.name = name


async def migrate(url: str, schema: str, package: str | ModuleType) -> list[str]:
    """Apply what is missing and return its names, in order; an empty list if nothing was.

    `package` holds `NNNN_name.sql` files. Each is applied in a transaction of its own together with its row
    in `<schema>.migration`, so a crash leaves a file applied or not. `url` is the owner's. Waits for the
    server and for another process that is migrating. Raises `MigrationChanged`, and `asyncpg.PostgresError`
    from a file.
    """
    connection = await postgres.connect(
        url,
        application_name=f"caseledger migrate {schema}",
        statement_timeout=0,
        idle_in_transaction_timeout=0,
    )
    try:
        # The lock ends with the session: a crash while holding it blocks nobody.
        await connection.execute("SELECT pg_advisory_lock($1)", lock_key(f"migrate {schema}"))
        await _create_record(connection, schema)
        return [
            await _apply(connection, schema, name, sql)
            for name, sql in (await _missing(connection, schema, package)).items()
        ]
    finally:
        await connection.close()


async def pending(url: str, schema: str, package: str | ModuleType) -> list[str]:
    """Name the migrations not yet applied, in order. Any role may ask; waits for the server."""
    connection = await postgres.connect(url, application_name=f"caseledger pending {schema}")
    try:
        return list(await _missing(connection, schema, package))
    finally:
        await connection.close()


async def _create_record(connection: asyncpg.Connection, schema: str) -> None:
    if not SCHEMA_NAME.match(schema):
        raise ValueError(f"{schema!r} is not a plain schema name.")
    # A name cannot be bound, hence the check. Any role may read the record, to see that it is behind.
    await connection.execute(
        f"""
        CREATE SCHEMA IF NOT EXISTS {schema};
        CREATE TABLE IF NOT EXISTS {schema}.migration (
            name text PRIMARY KEY,
            digest text NOT NULL,
            applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
        );
        GRANT USAGE ON SCHEMA {schema} TO PUBLIC;
        GRANT SELECT ON {schema}.migration TO PUBLIC;
        """
    )


async def _missing(
    connection: asyncpg.Connection, schema: str, package: str | ModuleType
) -> Mapping[str, str]:
    files = postgres.load_sql(package)
    applied: dict[str, str] = {}
    if await connection.fetchval("SELECT to_regclass($1)", f"{schema}.migration") is not None:
        rows = await connection.fetch(f"SELECT name, digest FROM {schema}.migration")  # noqa: S608 - checked name
        applied = {row["name"]: row["digest"] for row in rows}
    for name, sql in files.items():
        if not FILE_NAME.match(name):
            raise ValueError(f"{name}.sql: a migration is named NNNN_what_it_does.sql.")
        if name in applied and applied[name] != _digest(sql):
            raise MigrationChanged(schema, name)
    return {name: sql for name, sql in files.items() if name not in applied}


async def _apply(connection: asyncpg.Connection, schema: str, name: str, sql: str) -> str:
    async with connection.transaction():
        await connection.execute(sql)
        await connection.execute(
            f"INSERT INTO {schema}.migration (name, digest) VALUES ($1, $2)",  # noqa: S608 - checked name
            name,
            _digest(sql),
        )
    log.info("migration.applied", schema=schema, migration=name)
    return name


def _digest(sql: str) -> str:
    return hashlib.sha256(sql.encode()).hexdigest()
