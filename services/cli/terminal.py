"""What the commands say: answers on stdout, everything else on stderr, one line where one line will do."""

import contextlib
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NoReturn

import msgspec
import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from services.domain import calendar
from services.runtime.clock import text

_WIDE = 200  # where no terminal gives a width: a URL is not to be broken in two


def say(line: str) -> None:
    """A line for whoever watches, on stderr; a terminal that has gone away is no reason to fail."""
    with contextlib.suppress(OSError):
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


def fail(line: str, status: int = 1) -> NoReturn:
    """End the command with one line that says what went wrong and what to do."""
    say(f"caseledger: {line}")
    raise typer.Exit(status)


def in_words(instant: datetime) -> str:
    """An instant as London's clocks and calendars show it, and in UTC after it."""
    local = calendar.in_london(instant)
    return f"{local:%A} {local.day} {local:%B %Y %H:%M} ({text(instant)})"


def counted(number: int, what: str) -> str:
    """A number of things that end in -s where they are not one, such as "1 event" and "2 events"."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def print_rows(rows: Mapping[str, str]) -> None:
    """Names and values, below each other, on stdout."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows.items():
        table.add_row(name, value)
    _print(table)


def print_table(columns: list[str], rows: list[list[str]]) -> None:
    """A table on stdout."""
    table = Table(*columns, box=SIMPLE, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    _print(table)


def print_json(answer: Any) -> None:
    """One JSON document on stdout, for a script."""
    typer.echo(msgspec.json.format(msgspec.json.encode(answer)).decode())


def _print(table: Table) -> None:
    console = Console(markup=False, highlight=False, width=None if sys.stdout.isatty() else _WIDE)
    with contextlib.suppress(OSError):
        console.print(table)
