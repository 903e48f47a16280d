"""`caseledger …` within this process: it comes to what a process of its own would, less that one's start."""

import io
import os
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

from services.cli.__main__ import main


class Ended(NamedTuple):
    """What a command came to."""

    status: int
    out: str
    err: str


def caseledger(cwd: Path, *arguments: str, **environment: str) -> Ended:
    """Run a command that ends by itself; of our environment it gets none of the product's names.

    It takes the main thread, where no event loop may be running.
    """
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        for name in list(os.environ):
            if name.startswith("CASELEDGER_"):
                patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.chdir(cwd)
        patch.setattr("sys.argv", ["caseledger", *arguments])
        try:
            main()
        except SystemExit as ending:
            status = ending.code if isinstance(ending.code, int) else int(ending.code is not None)
        else:
            status = 0
    return Ended(status, out.getvalue(), err.getvalue())
