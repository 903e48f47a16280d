"""`caseledger --help` promises examples: every command has one that can be copied from a terminal."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
import typer
from typer.testing import CliRunner

from services.cli.commands import load
from services.runtime.product import version

WIDEST: Final = 76  # what a terminal of 80 columns shows of a line without breaking it


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command.help or ""


@pytest.mark.parametrize(("command", "said"), list(commands(typer.main.get_command(load()))))
def test_every_command_has_an_example_that_fits_a_terminal(command: str, said: str) -> None:
    lines = [line.strip() for line in said.partition("For example:")[2].splitlines()]
    examples = [line for line in lines if line.startswith("caseledger ")]
    assert examples, command
    assert [line for line in examples if len(line) > WIDEST] == []


def test_the_command_line_says_which_version_it_is() -> None:
    answer = CliRunner().invoke(load("--version"), ["--version"])
    assert (answer.exit_code, answer.stdout) == (0, f"caseledger {version()}\n")
