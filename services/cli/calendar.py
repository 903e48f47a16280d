"""Show the calendar of working days, count with it, and check it against an independent one."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from importlib.metadata import version
from typing import Annotated, Any

import typer
from msgspec import Struct, json
from rich.console import Console
from rich.table import Table

from services.cli.terminal import counted
from services.domain import calendar
from services.domain.calendar import BankHoliday, BeyondCalendar, Calendar

app = typer.Typer(
    name="calendar",
    help="Working days in England and Wales: show, count, check.",
    no_args_is_help=True,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a script to read.")]
Year = Annotated[int | None, typer.Argument(metavar="YEAR", help="List this year; without it, sum up each.")]
Day0 = Annotated[
    datetime,
    typer.Argument(metavar="DAY", formats=["%Y-%m-%d"], help="Day 0, a London date; it may be any day."),
]
WorkingDays = Annotated[int, typer.Argument(metavar="N", help="How many working days; negative counts back.")]


class Step(Struct, frozen=True):
    """One day on the way to a due date: its number in the count, or why it has none."""

    date: date
    counted: int | None
    skipped: str | None


class Difference(Struct, frozen=True):
    """A weekday that only one of the two calendars calls a bank holiday, and what that one calls it."""

    date: date
    published: str | None
    holidays: str | None


@app.command()
def show(year: Year = None, *, as_json: AsJson = False) -> None:
    """Show the bank holidays this release knows, where they come from and when they were retrieved.

    For example:

        caseledger calendar show 2026
    """
    known, published = calendar.england_and_wales(), calendar.published()
    if year is not None and not known.first_day.year <= year <= known.last_day.year:
        raise typer.BadParameter(
            f"the calendar knows {known.first_day.year} to {known.last_day.year}", param_hint="YEAR"
        )
    listed = [holiday for holiday in published.events if year in (None, holiday.date.year)]
    if as_json:
        origin = {name: getattr(published, name) for name in ("source", "licence", "retrieved", "division")}
        span = {"version": known.version, "first_day": known.first_day, "last_day": known.last_day}
        _print_json(span | origin | {"bank_holidays": listed})
        return
    console = Console()
    console.print(_every_year(known, listed) if year is None else _one_year(listed))
    _say(
        console,
        f"Version {known.version}, {known.first_day} to {known.last_day}. Source: {published.source}, "
        f"retrieved {published.retrieved}. {published.licence}",
    )


@app.command(context_settings={"ignore_unknown_options": True})
def due(day: Day0, n: WorkingDays = 5, *, as_json: AsJson = False) -> None:
    """Print the Nth working day after DAY, and every day on the way: counted, or skipped and why.

    For example:

        caseledger calendar due 2017-12-21 5
    """
    known, start = calendar.england_and_wales(), day.date()
    try:
        end = calendar.add_working_days(start, n, known)
    except BeyondCalendar as error:
        raise typer.BadParameter(str(error), param_hint="DAY") from error
    steps = list(_walk(start, end, known))
    if as_json:
        _print_json({"day": start, "n": n, "due": end, "version": known.version, "days": steps})
        return
    table = Table("Date", "", "Counted", "Skipped")
    for step in steps:
        table.add_row(str(step.date), f"{step.date:%A}", str(step.counted or ""), step.skipped)
    console = Console()
    console.print(table)
    away = f"{counted(n, 'working day')} from {start:%A} {start}"
    _say(console, f"Due {end:%A} {end}: {away}, calendar {known.version}.")


@app.command()
def check(*, as_json: AsJson = False) -> None:
    """Compare every weekday bank holiday with the installed `holidays` package; exit 1 on a difference.

    For example:

        caseledger calendar check
    """
    known = calendar.england_and_wales()
    ours = {holiday.date: holiday.title for holiday in calendar.published().events}
    theirs = _independent(known)
    differences = [
        Difference(day, published=ours.get(day), holidays=theirs.get(day))
        for day in sorted(ours.keys() ^ theirs.keys())
    ]
    counts = {"published": len(ours), "holidays": len(theirs)}
    versions = {"version": known.version, "holidays_version": version("holidays")}
    if as_json:
        _print_json(versions | {"counts": counts, "differences": differences})
    else:
        _print_comparison(counts, versions, differences)
    if differences:
        raise typer.Exit(1)


def _independent(known: Calendar) -> dict[date, str]:
    try:
        import holidays  # noqa: PLC0415 - an optional package, and slow to import for the other commands
    except ImportError as error:
        typer.echo("`calendar check` compares with the package `holidays`: pip install holidays", err=True)
        raise typer.Exit(1) from error
    years = range(known.first_day.year, known.last_day.year + 1)
    found = holidays.country_holidays("GB", subdiv="ENG", years=years)
    return {day: title for day, title in found.items() if day.weekday() < calendar.SATURDAY}


def _walk(start: date, end: date, known: Calendar) -> Iterator[Step]:
    """Each day after `start` through `end`, in the direction of counting."""
    direction = 1 if end >= start else -1
    titles = {holiday.date: holiday.title for holiday in calendar.published().events}
    counted = 0
    for distance in range(1, abs((end - start).days) + 1):
        day = start + timedelta(days=direction * distance)
        if calendar.is_working_day(day, known):
            counted += 1
            yield Step(day, counted=counted, skipped=None)
        else:
            yield Step(day, counted=None, skipped=titles.get(day, f"{day:%A}"))


def _every_year(known: Calendar, listed: list[BankHoliday]) -> Table:
    table = Table("Year", "Bank holidays", "Working days")
    for year in range(known.first_day.year, known.last_day.year + 1):
        first, last = date(year, 1, 1), date(year, 12, 31)
        holidays = sum(holiday.date.year == year for holiday in listed)
        working = calendar.working_days_between(first, last, known) + calendar.is_working_day(first, known)
        table.add_row(str(year), str(holidays), str(working))
    return table


def _one_year(listed: list[BankHoliday]) -> Table:
    table = Table("Date", "", "Bank holiday", "Notes")
    for holiday in listed:
        table.add_row(str(holiday.date), f"{holiday.date:%A}", holiday.title, holiday.notes)
    return table


def _print_comparison(
    counts: dict[str, int], versions: dict[str, str], differences: list[Difference]
) -> None:
    console = Console()
    _say(
        console,
        f"Published (version {versions['version']}): {counts['published']} weekday bank holidays. "
        f"`holidays` {versions['holidays_version']}: {counts['holidays']}. Differences: {len(differences)}.",
    )
    if differences:
        table = Table("Date", "Published", "`holidays`")
        for row in differences:
            table.add_row(str(row.date), row.published or "no", row.holidays or "no")
        console.print(table)


def _say(console: Console, sentence: str) -> None:
    console.print(sentence, soft_wrap=True)


def _print_json(answer: dict[str, Any]) -> None:
    typer.echo(json.format(json.encode(answer)).decode())
