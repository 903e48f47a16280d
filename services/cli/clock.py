"""`caseledger clock`: show the stack's time, and move a test clock."""

import asyncio
import re
from datetime import date, datetime, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer

from services.cli.target import DataOption, find
from services.cli.terminal import in_words, print_json, print_rows, say
from services.domain import calendar
from services.domain.calendar import BeyondCalendar
from services.runtime.clock import instant_from
from services.stack import clocks
from services.stack.service import SERVICES

AMOUNT: Final = re.compile(r"(\d+)(wd|d|h|m)")

app = typer.Typer(help="Show the stack's time, and move a test clock.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a script to read.")]


@app.command()
def show(data: DataOption = None, *, as_json: AsJson = False) -> None:
    """Show what time it is for the services, and when the notifier next has something to do.

    For example:

        caseledger clock show
    """
    state = asyncio.run(clocks.read(find(data, *SERVICES)))
    if as_json:
        print_json(state)
        return
    print_rows(
        {
            "now": in_words(state.now),
            "clock": "TEST CLOCK, stands still until it is moved" if state.test else "the machine's",
            "next due": in_words(state.next_due) if state.next_due else "nothing",
        }
    )


@app.command()
def advance(
    amount: Annotated[
        str | None,
        typer.Argument(metavar="AMOUNT", help="5wd working days, 3d days, 2h hours or 30m minutes."),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(metavar="INSTANT", help="An RFC 3339 instant to stop at, such as 2017-11-06T09:00:00Z."),
    ] = None,
    data: DataOption = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Move the test clock forward, and return when every service has acted on the new time.

    Whatever falls due on the way happens at its own time: a ladder is climbed rung by rung. Days and working
    days keep the time of day in London; working days are those of England and Wales.

    For example:

        caseledger clock advance 5wd
        caseledger clock advance --to 2017-11-06T09:00:00Z
    """
    if (amount is None) == (to is None):
        raise typer.BadParameter("give either an amount such as 5wd, or --to INSTANT")
    urls = find(data, *SERVICES)
    target = instant_from(to) if to else later(asyncio.run(clocks.read(urls)).now, str(amount))
    asyncio.run(clocks.advance(urls, target, lambda instant: say(f"→ {in_words(instant)}")))
    if as_json:
        print_json(asyncio.run(clocks.read(urls)))
    else:
        typer.echo(f"It is {in_words(target)}.")


def later(now: datetime, amount: str) -> datetime:
    """The instant that is `amount` after `now`."""
    found = AMOUNT.fullmatch(amount)
    if found is None:
        raise typer.BadParameter(f"{amount!r} is not an amount such as 5wd, 3d, 2h or 30m")
    number, unit = int(found[1]), found[2]
    if unit in ("h", "m"):
        return now + (timedelta(hours=number) if unit == "h" else timedelta(minutes=number))
    local = calendar.london_date(now)
    try:
        day = _add_days(local, number, working=unit == "wd")
    except (BeyondCalendar, OverflowError) as error:
        raise typer.BadParameter(str(error)) from error
    return calendar.london_time(day, now.astimezone(ZoneInfo("Europe/London")).time())


def _add_days(day: date, number: int, *, working: bool) -> date:
    if working:
        return calendar.add_working_days(day, number, calendar.england_and_wales())
    return day + timedelta(days=number)
