"""A ledger that serves, and a projector beside it."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.integration.projector.ground import Asked, Ground, ground
from tests.support.backing import Database


@pytest_asyncio.fixture
async def stage(migrated_database: Database, bus: str) -> AsyncIterator[Ground]:
    """Both schemas and a real ledger; no projector yet."""
    async with ground(migrated_database, bus) as made:
        yield made


@pytest_asyncio.fixture
async def projector(stage: Ground) -> AsyncIterator[Asked]:
    """A projector over the stage."""
    async with stage.projector() as asked:
        yield asked
