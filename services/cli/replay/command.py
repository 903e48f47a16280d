"""`caseledger replay CASE`: step through a case's history, or say what changed between two days of it."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import msgspec
import typer

from services.cli.replay import reading, steps, when
from services.cli.replay.change import Change
from services.cli.replay.reading import Reading
from services.cli.replay.show import Printer
from services.cli.replay.steps import Entry
from services.cli.replay.when import WRITTEN, in_plain
from services.cli.target import DataOption, find
from services.cli.terminal import fail, in_words, say
from services.domain.as_at import AsAt
from services.stack import clocks


class Said(msgspec.Struct, frozen=True):
    """An event for a script; `document` is the stored one, byte for byte."""

    document: msgspec.Raw
    sentence: str
    voided: bool
    passed: Sequence[Change] = ()
    changes: Sequence[Change] = ()


class Compared(msgspec.Struct, frozen=True, rename={"since": "from", "until": "to"}):
    """A difference for a script."""

    since: datetime
    until: datetime
    changes: list[Change]
    events: list[Said]


def replay(  # noqa: PLR0913 -- one parameter for each option
    case: Annotated[str, typer.Argument(metavar="CASE", help="The case's id.")],
    as_at: Annotated[
        str | None,
        typer.Option("--as-at", metavar="WHEN", help=f"Only what had happened by then: {WRITTEN}."),
    ] = None,
    known_at: Annotated[
        str | None,
        typer.Option("--known-at", metavar="WHEN", help=f"Only what was known by then: {WRITTEN}."),
    ] = None,
    between: Annotated[
        tuple[str, str] | None,
        typer.Option("--between", metavar="A B", help="Only what changed from one day to another."),
    ] = None,
    data: DataOption = None,
    *,
    step: Annotated[bool, typer.Option("--step", help="Wait for Enter after each event; q ends it.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON: an object a line, each with its stored document.")
    ] = False,
) -> None:
    """Step through a case's history: every event, and what it changed of status, ladder and deadlines.

    Stand on any day of the past. --known-at asks what was known then; --as-at asks how it was then, as is
    known now: with what was typed in late, without what was voided since. Both together ask how it was at
    the one as was known at the other. What was due is judged at that moment, not today.

    --between A B says in plain words what changed from the end of A to the end of B, as was known on each;
    with --known-at, how it was on each, as was known then. All days and hours are London's.

    For example:

        caseledger replay 5b0c7a --known-at 2018-03-03
        caseledger replay 5b0c7a --as-at 2018-03-03 --known-at 2018-04-30
        caseledger replay 5b0c7a --between 2018-03-01 2018-03-31
        caseledger replay 5b0c7a --json | jq .document.type
    """
    if between and (as_at or step):
        raise typer.BadParameter("--between compares two days; it goes with --known-at and --json only.")
    if step and (as_json or not (sys.stdin.isatty() and sys.stdout.isatty())):
        raise typer.BadParameter("--step waits for a key, so it needs a terminal; leave it out elsewhere.")
    asked = when.asked(known_at, as_at)
    sides = when.sides(*between, asked.recorded_until) if between else None
    found = asyncio.run(_read(data, case))
    if sides:
        _compare(found, sides, as_json=as_json)
    else:
        _tell(found, asked, step=step, as_json=as_json)


def _tell(found: Reading, asked: AsAt, *, step: bool, as_json: bool) -> None:
    chosen = len(found.chosen(asked)) or _refuse(found, asked)
    told = found.steps(asked)
    if as_json:
        for each in told:
            typer.echo(msgspec.json.encode(_said(each.entry, each.passed, each.changes)))
        return
    printer = Printer()
    for each in told:
        printer.show_step(each)
        if step and not _wants_more():
            return
    question = in_plain(asked)
    printer.show_title(
        f"Where it stood on {when.minute(asked.moment(found.now))}" if question else "Where it stands"
    )
    printer.show_standing(found.standing(asked))
    count = "1 event" if chosen == 1 else f"{chosen} events"
    say(f"{count}{question and f', {question}'}; times are London's.")


def _compare(found: Reading, sides: tuple[AsAt, AsAt], *, as_json: bool) -> None:
    if not found.chosen(sides[1]):
        _refuse(found, sides[1])
    difference = found.compare(*sides)
    if as_json:
        events = [_said(each) for each in difference.added]
        since, until = (side.moment(found.now) for side in sides)
        typer.echo(msgspec.json.encode(Compared(since, until, difference.changes, events)))
        return
    printer = Printer()
    printer.show_title(when.compared(sides))
    printer.show_difference(difference)


def _refuse(found: Reading, asked: AsAt) -> NoReturn:
    """Say why there is nothing to show of a case that there is."""
    first = min(each.header.recordedat for each in steps.entries(found.documents))
    question = in_plain(asked)
    begun = f"its first event was recorded at {in_words(first)}"
    fail(f"Nothing of the case {found.case!r} was there, {question}: {begun}.")


def _wants_more() -> bool:
    try:
        answer = typer.prompt("Enter goes on, q stops", default="", show_default=False, err=True)
    except typer.Abort:  # Ctrl-C and Ctrl-D stop as well
        return False
    return not answer.strip().lower().startswith("q")


async def _read(data: Path | None, case: str) -> Reading:
    urls = find(data, "ledger")
    now = await clocks.latest(urls)
    found = await reading.read(urls.ledger, urls.token, case, now or datetime.now(UTC))
    if not found.documents:
        fail(f"The ledger knows no event of the case {case!r}.")
    return found


def _said(entry: Entry, passed: Sequence[Change] = (), changes: Sequence[Change] = ()) -> Said:
    return Said(msgspec.Raw(entry.document), entry.sentence, entry.voided, passed, changes)
