"""What asyncpg raises when the database cannot serve the ledger now, and may later."""

from typing import Final

import asyncpg

from services.runtime import postgres

UNMIGRATED: Final = (
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedFunctionError,
    asyncpg.InvalidSchemaNameError,
)
AWAY: Final = (*postgres.AWAY, *UNMIGRATED)
"""Unreachable, or not migrated yet: `/readyz` says which, clients are told to come back."""
