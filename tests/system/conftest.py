"""What system tests stand on: the sample year, a copy of it to be hurt, or the services and nothing yet."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from services.stack.layout import Target
from services.stack.mail import Mail
from tests.support import inhouse, year
from tests.support.backing import Database
from tests.support.inbox import Inbox


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def year_at_rest(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The directory of a product that the whole year was posted to; to be copied and left as it is."""
    base = tmp_path_factory.getbasetemp()
    return await year.prepare(base if worker_id == "master" else base.parent)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def year_of_its_own(year_at_rest: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy for the tests of a module, to be given to `Product`, whose clock is to start at `CLOSE`."""
    return await year.copy(year_at_rest, tmp_path_factory.mktemp("year") / "product")


@pytest.fixture
def team_at(
    migrated_database: Database, bus: str, mail_server: Mail, maildir: Inbox, tmp_path: Path
) -> Callable[[str], AbstractAsyncContextManager[Target]]:
    """`async with team_at(clock) as team:` the three services in this process, their data in `tmp_path`."""
    assert maildir.messages() == []
    return partial(inhouse.team, tmp_path, migrated_database, bus, mail_server)
