"""A broker as it is deployed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.integration.deploy import brokers
from tests.integration.deploy.brokers import Deployed


@pytest_asyncio.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Deployed]:
    """A broker whose streams hold two events and a checkpoint, put there as the ledger does."""
    async with brokers.with_two_events(tmp_path / "nats") as server:
        yield server
