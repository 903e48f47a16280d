"""The sample year, which system tests stand on: a product that has it, or a copy to be hurt."""

from pathlib import Path

import pytest
import pytest_asyncio

from tests.support import year


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def year_at_rest(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The directory of a product that the whole year was posted to; to be copied and left as it is."""
    base = tmp_path_factory.getbasetemp()
    return await year.prepare(base if worker_id == "master" else base.parent)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def year_of_its_own(year_at_rest: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy for the tests of a module, to be given to `Product`, whose clock is to start at `CLOSE`."""
    return await year.copy(year_at_rest, tmp_path_factory.mktemp("year") / "product")
