"""What asyncpg raises when the database cannot serve the ledger now, and may later."""

from typing import Final

import asyncpg

from services.runtime import postgres

UNREACHABLE: Final = (
    *postgres.AWAY,
    asyncpg.InternalClientError,  # what a pool raises when it resets a connection that was just lost
)
UNMIGRATED: Final = (
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedFunctionError,
    asyncpg.InvalidSchemaNameError,
)
AWAY: Final = (*UNREACHABLE, *UNMIGRATED)
"""Either of these: `/readyz` says which, clients are told to come back."""
