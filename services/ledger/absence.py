"""What asyncpg raises when the database cannot serve the ledger now, and may later."""

from typing import Final

import asyncpg

from services.runtime import postgres

UNMIGRATED: Final = (
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedColumnError,
    asyncpg.UndefinedFunctionError,
    asyncpg.InvalidSchemaNameError,
)
UNABLE: Final = (
    asyncpg.InsufficientResourcesError,  # the disk is full
    asyncpg.PostgresSystemError,  # it cannot be read or written
    asyncpg.ReadOnlySQLTransactionError,  # a standby that is not promoted yet
)
AWAY: Final = (*postgres.AWAY, *UNMIGRATED, *UNABLE)
"""Unreachable, not migrated yet, or unable: `/readyz` says which, clients are told to come back."""
