"""Schemathesis against one service after the other: loaded once, and forked for each.

    python -m tests.support.schemathesis_runs DIRECTORY NAME=URL… -- OPTION…

Each is `schemathesis run URL/openapi.json OPTION…`, and `DIRECTORY/NAME` what it prints. Prints itself the
names of those that found something.
"""

import gc
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Final, NoReturn

from services.runtime.launch import spare_the_collector

_LOADED_LATER: Final = (
    "hypothesis.stateful",
    "requests",
    "rich.progress",
    "schemathesis.cli.commands.run.executor",
    "schemathesis.engine.run.unit",
    "schemathesis.specs.openapi.schemas",
    "schemathesis.transport.requests",
)
"""What a run is made of, and loads only once it is one."""


def main() -> int:
    """Run them; 0 if all have passed."""
    here = sys.argv.index("--")
    (directory, *asked), options = sys.argv[1:here], sys.argv[here + 1 :]
    gc.disable()
    command = import_module("schemathesis.cli").schemathesis
    for module in _LOADED_LATER:
        import_module(module)
    gc.enable()
    spare_the_collector()
    failed = []
    for name, _, url in (each.partition("=") for each in asked):
        if not (pid := os.fork()):
            _run(command, Path(directory) / name, "run", f"{url}/openapi.json", *options)
        if os.waitpid(pid, 0)[1]:
            failed.append(name)
    sys.stdout.write(" ".join(failed))
    return len(failed)


def _run(command: object, report: Path, *arguments: str) -> NoReturn:
    with report.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.argv = ["schemathesis", *arguments]
    assert callable(command)
    command()
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main())
