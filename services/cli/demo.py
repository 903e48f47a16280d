"""`caseledger demo`: the practice-alert story of 2017-18, or a whole year, played through the whole product.

Everything is real: the stack, the HTTP, the messages. Only the clock is moved by hand.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final

import typer
from rich.console import Console

from services.cli import interrupts, sample_year, story, year_stage
from services.cli.stage import Stage
from services.cli.terminal import fail, in_words, say
from services.cli.up import print_urls
from services.cli.verdict import reason
from services.cli.year import days, generator
from services.cli.year.generator import SEED
from services.cli.year.reckoning import reckon
from services.runtime.client import OFFICE, LedgerClient
from services.runtime.clock import text
from services.stack import clocks
from services.stack.clocks import Reached
from services.stack.layout import Layout
from services.stack.settings import Settings
from services.stack.stack import Stack

STORY: Final = "practice-alert-2017"
OPENING: Final = datetime(2017, 10, 2, 7, 30, tzinfo=UTC)
STARTING: Final = "Starting Postgres, NATS, a mail server and the three services …"


def demo(
    *,
    year: Annotated[bool, typer.Option("--year", help="Load a synthetic year of a small authority.")] = False,
    seed: Annotated[int, typer.Option(metavar="N", help="Which year: another seed, other children.")] = SEED,
    write: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the year's events here as NDJSON, and load nothing."),
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the stack, to look around in, until Ctrl-C.")
    ] = False,
) -> None:
    """Watch a practice alert climb the ladder: the story of 2017-18, on a throw-away stack and a test clock.

    An alert about care-plan drift is raised on Monday 2 October 2017. Nobody answers at the Team Manager or
    the Service Manager; the Head of Service does. In January the same issue comes back on the same case.
    The events are posted over HTTP, the clock goes from one due moment to the next, and at the end the case's
    timeline, both ladders and a manager's message are printed in full. It takes less than a minute.

    With --year it is a whole year instead, April 2017 to March 2018, of an authority of Rutland's size:
    invented children, the counts of its annual reports. It is typed in day by day, in less than a
    minute, and at the end the year's figures stand beside those that the reports print.

    For example:

        caseledger demo
        caseledger demo --keep
        caseledger demo --year --keep
        caseledger demo --year --seed 7 --write year.ndjson
    """
    if not year and (write or seed != SEED):
        raise typer.BadParameter("--seed and --write belong to --year")
    if write:
        _write(write, seed)
        return
    console = Console(highlight=False, soft_wrap=False)
    status = interrupts.run(
        lambda _: _play_year(console, seed, keep=keep) if year else _play(console, keep=keep)
    )
    if status:
        raise SystemExit(status)


def _write(file: Path, seed: int) -> None:
    document = generator.document(seed)
    try:
        file.write_bytes(document)
    except OSError as error:
        fail(f"{file} cannot be written: {reason(error)}.")
    lines = document.count(b"\n")
    say(f"{lines} events in {file}, SHA-256 {sha256(document).hexdigest()}.")


async def _play_year(console: Console, seed: int, *, keep: bool) -> int:
    """Load the year, show its figures, and stay if asked to; 1 if a figure is not what it is to be."""
    entries = generator.entries(seed)
    console.print(STARTING, style="dim")
    with TemporaryDirectory(prefix="caseledger-year-") as directory:
        settings = Settings(clock=text(days.OPENING), log_format="json")
        async with Stack(Layout(Path(directory)), settings, ports={}, say=say, digests=False) as stack:
            with year_stage.bar(console, len(entries)) as typed:
                await sample_year.load(stack.urls, entries, typed)
            cases = await sample_year.cases(stack.urls)
            figures = [*reckon(cases), *await year_stage.standing(stack.urls)]
            year_stage.show_figures(console, figures)
            if keep:
                await _stay(stack)
    return 0 if all(figure.agrees for figure in figures) else 1


async def _stay(stack: Stack) -> None:
    """Return when told to stop: that is how it is meant to end."""
    now = (await clocks.read(stack.urls)).now
    print_urls(stack.urls, stack.layout)
    say(f"TEST CLOCK: it is {in_words(now)}.")
    say("Commands find this stack after, in another terminal:")
    say(f"    export CASELEDGER_DATA={stack.layout.data}")
    say("Ctrl-C stops everything and throws it away.")
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        say("Stopping …")


async def _play(console: Console, *, keep: bool) -> int:
    """Tell the story, show the case at its end, and stay if asked to."""
    console.print(STARTING, style="dim")
    with TemporaryDirectory(prefix="caseledger-demo-") as directory:
        layout = Layout(Path(directory))
        settings = Settings(clock=OPENING.isoformat(), log_format="json")
        async with (
            Stack(layout, settings, ports={}, say=say) as stack,
            LedgerClient(stack.urls.ledger, source="/demo", token=stack.urls.token) as ledger,
            Stage(console, stack.urls.projector, stack.urls.token, layout.maildir) as stage,
        ):
            await _tell(story.read(STORY), stack.urls, ledger, stage)
            await stage.close_curtain()
            if keep:
                await _stay(stack)
    return 0


async def _tell(chapters: Sequence[story.Chapter], urls: Reached, ledger: LedgerClient, stage: Stage) -> None:
    """Post each event at its time; between two, go from one due moment to the next."""
    for told_at, chapter in story.moments(chapters, OPENING):
        while (now := await _go_on(urls, told_at)) < told_at:
            await stage.show_news(now)
        await stage.show_news(now)
        await ledger.append(chapter.subject, chapter.event)
        if chapter.subject == OFFICE:
            stage.show_appointment(told_at, chapter.event["data"])
            continue
        stage.case_id = chapter.subject
        await clocks.advance(urls, told_at)  # returns when everybody has acted on what was posted
        await stage.show_news(told_at)


async def _go_on(urls: Reached, target: datetime) -> datetime:
    """Move the clock to the next due moment, or to `target` if that comes first."""
    due = (await clocks.read(urls)).next_due
    return await clocks.advance(urls, min(target, due) if due else target)
