"""Write computed rows: of what a case has and what it ought to have, only the difference is touched."""

from collections.abc import Iterable, Sequence
from typing import Any

import asyncpg

from services.projector.computation import TABLES, Computed, Record
from services.runtime.postgres import Statements

SCHEMA = "projector"

Key = tuple[Any, Any]


async def replace(
    connection: asyncpg.Connection, sql: Statements, generation: int, cases: Sequence[Computed]
) -> None:
    """Give each of `cases` exactly the rows that were computed for it, within the caller's transaction."""
    case_ids = [case.case_id for case in cases]
    for nth, table in enumerate(TABLES):
        found = await connection.fetch(sql[f"rows_of_{table.name}"], generation, case_ids)
        kept = {_key(row): tuple(row) for row in found}
        wanted = {_key(row): row for case in cases for row in case.records[nth]}
        changed = [row for key, row in wanted.items() if kept.get(key) != row]
        gone = [key for key, row in kept.items() if wanted.get(key) != row]
        if gone:
            ids, positions = zip(*gone, strict=True)
            await connection.execute(sql[f"delete_from_{table.name}"], generation, ids, positions)
        if changed:
            await _copy(connection, nth, generation, changed)


async def load(connection: asyncpg.Connection, generation: int, cases: Sequence[Computed]) -> None:
    """Write the rows of cases that have none yet in this generation."""
    for nth in range(len(TABLES)):
        records = [row for case in cases for row in case.records[nth]]
        if records:
            await _copy(connection, nth, generation, records)


async def keep_documents(
    connection: asyncpg.Connection, generation: int, documents: Iterable[tuple[int, str, str]]
) -> None:
    """Add documents to the history: position, case id, exact text."""
    await connection.copy_records_to_table(
        "history",
        schema_name=SCHEMA,
        columns=("generation", "position", "case_id", "document"),
        records=((generation, *document) for document in documents),
    )


async def _copy(connection: asyncpg.Connection, nth: int, generation: int, records: Iterable[Record]) -> None:
    await connection.copy_records_to_table(
        TABLES[nth].name,
        schema_name=SCHEMA,
        columns=("generation", *TABLES[nth].columns),
        records=((generation, *record) for record in records),
    )


def _key(row: Any) -> Key:
    return row[0], row[1]
