"""What a process loads to start is what it is going to use."""

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest

from services.runtime import launch
from services.stack.child import python_environment


def loaded_by(*arguments: str) -> set[str]:
    """The modules that `python -m …` has loaded when it ends."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("CASELEDGER_")}
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", *arguments],
        check=False,
        capture_output=True,
        text=True,
        env=python_environment(outside),
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines}


def test_a_ledger_that_asks_nobody_outside_loads_nothing_to_ask_with() -> None:
    loaded = loaded_by("services.ledger")
    assert "services.ledger.service" in loaded
    assert not loaded & {
        "aiosmtplib",
        "cryptography.x509",
        "httpx",
        "joserfc",
        "rfc3161_client",
        "rich.console",
        "services.ledger.auditing",
        "services.ledger.keyservice",
        "services.ledger.stamping",
        "services.ledger.transit",
        "services.ledger.witnesses",
    }


def test_a_command_that_asks_a_stack_loads_neither_a_service_nor_what_starts_one(tmp_path: Path) -> None:
    loaded = loaded_by("services.cli", "status", "--data", str(tmp_path))
    assert "services.cli.target" in loaded
    assert not loaded & {
        "cryptography",
        "joserfc",
        "litestar",
        "nats",
        "services.domain.event",
        "services.stack.stack",
    }


def test_what_cannot_be_loaded_says_so_and_garbage_is_collected_again() -> None:
    with pytest.raises(ModuleNotFoundError):
        launch.load("services.no_such_module")
    assert gc.isenabled()
