"""`--token-file`: the file of the token to ask with, chosen on the command line and handed to nobody else."""

from collections.abc import Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated, Final

import typer

NAME: Final = "--token-file"

TokenFile = Annotated[
    Path | None,
    typer.Option(
        NAME,
        metavar="FILE",
        help="Ask with the token in this file, and not with that of CASELEDGER_TOKEN or "
        "CASELEDGER_TOKEN_FILE. May stand anywhere but after `run`.",
    ),
]

_chosen: ContextVar[Path | None] = ContextVar("token file", default=None)


def choose(token_file: Path | None) -> None:
    """Ask with the token in this file, from here on."""
    _chosen.set(token_file)


def chosen() -> Path | None:
    """The file that was chosen, if one was."""
    return _chosen.get()


def to_the_front(arguments: Sequence[str]) -> list[str]:
    """The arguments with that option before the command, where it is looked for.

    What `run` is given is a command of somebody else's, and stays as it is.
    """
    found: list[str] = []
    others: list[str] = []
    left = list(arguments)
    while left:
        each = left.pop(0)
        if each == "--" or (each == "run" and not others):
            others += [each, *left]
            break
        if each == NAME:
            found += [each, *left[:1]]
            del left[:1]
        else:
            (found if each.startswith(f"{NAME}=") else others).append(each)
    return [*found, *others]


def command_in(arguments: Sequence[str]) -> str:
    """The command that arguments in this order name; empty if they name none."""
    left = list(arguments)
    while left and left[0].startswith(NAME):
        del left[: 1 if "=" in left[0] else 2]
    return left[0] if left else ""
