"""A migrated database, and a ledger over it."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.integration.ledger import ledgers
from tests.integration.ledger.ledgers import Ledger
from tests.support.backing import Database


@pytest_asyncio.fixture
async def migrated(database: Database) -> str:
    """The owner's URL of a database that has the ledger's schema."""
    return await ledgers.migrated(database.url)


@pytest_asyncio.fixture
async def ledger(migrated: str, bus: str) -> AsyncIterator[Ledger]:
    """A ledger that serves."""
    async with ledgers.ledger(migrated, bus) as served:
        yield served
