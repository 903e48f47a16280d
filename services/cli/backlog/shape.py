"""Which lines of a backlog have not the shape of an event: as much as can be known without a ledger."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import typer
from msgspec import Struct, json

from services.cli.backlog import lines
from services.cli.backlog.file import File
from services.cli.backlog.lines import Said, Unusable
from services.cli.terminal import print_json, say
from services.domain.errors import CaseworkError, UnknownEventType
from services.domain.posted import parse

NOT_ASKED: Final = "Nothing was recorded, and no ledger asked, which may refuse more."


class Fault(Struct, frozen=True):
    """A line, counted from 1 (or as a file of refusals says), and what is wrong with it."""

    line: int
    detail: str


def report(path: Path, source: str, *, as_json: bool) -> int:
    """Print every fault of the file at `path`; gives how many there are."""
    found: list[Fault] = []
    count = 0
    with File(path, source) as file:
        for number, line in file.each_line():
            count += 1
            for fault in check(number, line, source):
                found.append(fault)
                if not as_json:
                    typer.echo(f"line {fault.line}: {fault.detail}")
    if as_json:
        print_json({"lines": count, "faults": found})
    else:
        typer.echo(f"{count:,} lines: {len(found):,} without the shape of an event.")
        say(NOT_ASKED)
    return len(found)


def check(number: int, line: bytes, source: str) -> Iterator[Fault]:
    """What is wrong with a line, if anything is."""
    try:
        said = lines.read(line, source)
    except Unusable as unusable:
        yield Fault(unusable.line or number, str(unusable))
        return
    if why := _misshapen(said):
        yield Fault(said.line or number, why)


def _misshapen(said: Said) -> str:
    try:
        parse(json.encode(said.event), said.case_id, lambda: said.id)
    except UnknownEventType as unknown:
        return f"/type {unknown} is no type of event"
    except (CaseworkError, OverflowError) as error:
        return str(error)
    return ""
