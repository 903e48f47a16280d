"""Services that tests start, over and over, within their own process."""

from collections.abc import Iterator

import pytest

from tests.support import signatures


@pytest.fixture(scope="module", autouse=True)
def _signatures_kept() -> Iterator[None]:
    """For these modules alone: what comes after them in the same process has Litestar as it is."""
    with signatures.kept():
        yield
