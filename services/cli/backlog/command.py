"""`caseledger import FILE`: the history that an authority brings along, over the ledger's public HTTP."""

import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from services.cli import interrupts
from services.cli.backlog import groups, lines, shape
from services.cli.backlog.book import Book
from services.cli.backlog.file import File, spooled
from services.cli.backlog.order import Order, Place
from services.cli.backlog.posting import Group, Item, Posting
from services.cli.backlog.progress import Progress
from services.cli.target import DataOption, find
from services.cli.terminal import fail, print_json, say
from services.runtime import logs
from services.runtime.client import LedgerClient
from services.stack.layout import Target

STDIN: Final = "-"
REFUSED: Final = 1
AT_ONCE: Final = 4  # requests on their way at the same time
PARCEL: Final = 400  # events of cases that are posted together, at least
PATIENCE: Final = 10.0  # seconds of silence, twice, until it is said that the ledger does not answer
TOO_LONG: Final = {
    "title": "The practice alert is too long to be recorded as a whole",
    "detail": f"Between its first event and its last, its case has more than {groups.MOST_EVENTS} events or "
    f"{groups.MOST_BYTES} bytes in the file. Import its events in a file of their own.",
}


def import_(  # noqa: PLR0913 - its options
    file: Annotated[
        str,
        typer.Argument(metavar="FILE", help="One CloudEvent a line (NDJSON); `-` is stdin."),
    ],
    data: DataOption = None,
    *,
    source: Annotated[
        str, typer.Option(metavar="URI", help="The `source` of events that name none.")
    ] = lines.SOURCE,
    refused: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="Where refusals go; beside FILE, if not said."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Record nothing: only say which lines have no event's shape.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON for a script.")] = False,
) -> None:
    """Record a backlog: each line of FILE is an event, and its `subject` the case that it belongs to.

    Start it again whenever it was interrupted, however that was: what is in the ledger already is counted,
    and nothing is recorded twice. An event without an `id` gets one made of what it says. A case's events
    keep the order of the file; the office's come first.

    What the ledger refuses is kept beside FILE, in backlog.refused.ndjson for backlog.ndjson (in
    stdin.refused.ndjson for `-`), each with the problem and its line, counted from 1: mend the events in it,
    and import that file. What is refused again keeps the line that it has there. Lines that are no events
    stand there too.

    A practice alert is recorded as a whole, or not at all: if one of its events is refused, the others stand
    in that file beside it. Nobody is told of an alert that the file also resolves, withdraws or voids. One
    that is open at the end of the file goes on from today.

    Ends with 0 if everything is in the ledger, with 1 if something was refused; with --dry-run, with 0 if
    every line has the shape of an event. Whether it can be true of its case only the ledger says.

    For example:

        caseledger import backlog.ndjson --dry-run
        caseledger import backlog.ndjson
        caseledger import backlog.refused.ndjson
        zcat 2017.gz | caseledger import - --refused 2017.refused.ndjson
    """
    logs.configure("caseledger", "console", "error")  # that the ledger is away is said here, once
    target = None if dry_run else find(data, "ledger")
    path = _path_of(file)
    book = Book(refused or _beside(path if file != STDIN else Path("stdin.ndjson")))
    try:
        if target is None:
            raise typer.Exit(REFUSED if shape.report(path, source, as_json=as_json) else 0)
        status = interrupts.run(lambda _: _run(path, source, target, book, as_json=as_json))
    except OSError as error:
        fail(f"{error.filename or path} cannot be read or written: {error.strerror}.")
    finally:
        if file == STDIN:
            path.unlink()
    raise typer.Exit(status)


async def import_backlog(path: Path, source: str, url: str, book: Book, *, token: str = "") -> None:
    """Return once every line of the file at `path` is accounted for in the book; tells how it goes on."""
    with File(path, source) as file, Order() as order, book, Progress(book) as progress:
        for read in file.scan(order, book):
            progress.show_reading(read, file.size)
            await asyncio.sleep(0)  # a signal is heard here
        async with LedgerClient(url, source=source, token=token, patience=PATIENCE) as ledger:
            posting = Posting(ledger, book, away=progress.say_away, back=progress.say_back)
            await _post(file, order, posting, book, progress)


async def _run(path: Path, source: str, target: Target, book: Book, *, as_json: bool) -> int:
    began, complete = time.monotonic(), False
    try:
        await import_backlog(path, source, target.ledger, book, token=target.token)
        complete = True
    finally:
        _sum_up(book, time.monotonic() - began, complete=complete, as_json=as_json)
    return REFUSED if book.refused else 0


async def _post(file: File, order: Order, posting: Posting, book: Book, progress: Progress) -> None:
    """Post every case, several at a time: the office for itself, before any other."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def post(parcel: list[list[Place]]) -> None:
        try:
            await posting.post([_groups(file, book, places) for places in parcel])
        finally:
            slots.release()
        progress.show_posting()

    try:
        async with asyncio.TaskGroup() as tasks:
            for parcel in _parcels(order):
                await slots.acquire()
                task = tasks.create_task(post(parcel))
                if lines.is_office(parcel[0][0].case_id):
                    await task
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None


def _parcels(order: Order) -> Iterator[list[list[Place]]]:
    parcel: list[list[Place]] = []
    for places in order.cases():
        parcel.append(places)
        if sum(map(len, parcel)) >= PARCEL or lines.is_office(places[0].case_id):
            yield parcel
            parcel = []
    if parcel:
        yield parcel


def _groups(file: File, book: Book, places: Sequence[Place]) -> Iterator[Group]:
    """A case's groups, each read when it is its turn."""
    found = groups.cut(places)
    for place in found.too_long:
        book.refuse(place, file.read(place), TOO_LONG)
    for group in found.groups:
        yield Group(tuple(Item(place, file.read(place)) for place in group))


def _sum_up(book: Book, seconds: float, *, complete: bool, as_json: bool) -> None:
    if as_json:
        counted = {name: getattr(book, name) for name in ("lines", "recorded", "known", "refused")}
        where = {"last_position": book.last_position, "refusals": str(book.path) if book.refused else None}
        print_json({"complete": complete, **counted, **where, "seconds": round(seconds, 3)})
        return
    typer.echo(
        f"{book.lines:,} events: {book.recorded:,} recorded, {book.known:,} in the ledger before, "
        f"{book.refused:,} refused."
    )
    if book.refused:
        say(f"What was refused, and why:\n  {book.path}\nMend the events there, and import that file.")
    if not complete:
        say("It did not come to its end: the same command goes on from here.")


def _path_of(file: str) -> Path:
    try:
        path = spooled(sys.stdin.buffer) if file == STDIN else Path(file)
        with path.open("rb"):
            return path
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}.")


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.stem}.refused.ndjson")
