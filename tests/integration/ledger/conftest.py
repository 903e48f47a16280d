"""A migrated database, and a ledger over it: of the test's own, or shared by those of a module."""

from collections.abc import AsyncIterator
from itertools import count

import pytest
import pytest_asyncio

from services.ledger import sealer
from tests.integration.ledger import ledgers
from tests.integration.ledger.ledgers import Ledger
from tests.support import backing
from tests.support.backing import Database

_numbers = count(1)


@pytest.fixture
def migrated(migrated_database: Database) -> str:
    """The owner's URL of a database that has the ledger's schema."""
    return migrated_database.url


@pytest_asyncio.fixture
async def ledger(migrated: str, bus: str) -> AsyncIterator[Ledger]:
    """A ledger that serves, whose first event is the test's."""
    async with ledgers.ledger(migrated, bus) as served:
        yield served


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(
    postgres_server: Database, migrated_template: str, nats_server: str
) -> AsyncIterator[Ledger]:
    """A ledger that serves all tests of a module, each with a `case` of its own."""
    await backing.empty_jetstream(nats_server)
    name = f"ledger_{next(_numbers)}"
    async with (
        backing.fresh_database(postgres_server, name, template=migrated_template) as database,
        ledgers.ledger(database.url, nats_server) as served,
    ):
        yield served


@pytest.fixture
def case() -> str:
    """The id of a case that no other test knows."""
    return f"case-{next(_numbers)}"


@pytest.fixture
def in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sealers that pause for nothing."""
    monkeypatch.setattr(sealer, "SEAL_EVERY", 0.0)
    monkeypatch.setattr(sealer, "CHECK_EVERY", 0.05)
    monkeypatch.setattr(sealer, "PAUSE", 0.0)
