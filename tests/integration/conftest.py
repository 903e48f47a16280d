"""Services that tests start, over and over, within their own process."""

from collections.abc import Iterator

import pytest

from tests.support import signatures


@pytest.fixture(scope="session", autouse=True)
def _signatures_kept() -> Iterator[None]:
    with signatures.kept():
        yield
