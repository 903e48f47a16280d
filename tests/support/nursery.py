"""The nursery of this test process: tests start hundreds of services, and it has loaded them once."""

import atexit
import tempfile
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from services.stack.nursery import Nursery


@cache
def nursery() -> Nursery:
    """That of this process, for as long as this one lives."""
    kept = ExitStack()
    atexit.register(kept.close)
    directory = kept.enter_context(tempfile.TemporaryDirectory(prefix="caseledger-nursery-"))
    return kept.enter_context(Nursery(Path(directory) / "log"))
