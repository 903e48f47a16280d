"""`caseledger replay CASE`: one case's history, as it is known now or as it was known on a day."""

import asyncio
import re
from datetime import date, datetime, timedelta
from typing import Annotated, Any

import msgspec
import typer

from services.cli.target import DataOption, find
from services.cli.terminal import fail, in_words, print_table, say
from services.domain import calendar
from services.runtime.client import LedgerClient
from services.runtime.clock import ClockSettingError, instant_from, text


class _Line(msgspec.Struct, frozen=True):
    """What a timeline shows of a document."""

    position: int
    caseversion: int
    type: str
    time: datetime
    recordedat: datetime
    actor: str = ""
    flags: str = ""
    data: dict[str, Any] = {}

    @property
    def by(self) -> str:
        """Who did it: the actor, or whom the event itself names."""
        named = (self.data.get(name) for name in ("raised_by", "responder", "by"))
        return self.actor or next((who for who in named if isinstance(who, str)), "")


def replay(
    case: Annotated[str, typer.Argument(metavar="CASE", help="The case's id.")],
    as_at: Annotated[
        str | None,
        typer.Option(
            "--as-at", metavar="WHEN", help="Only what was known by then: an instant, or a London date."
        ),
    ] = None,
    data: DataOption = None,
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the stored documents, byte for byte.")
    ] = False,
) -> None:
    """Print a case's events in the order in which they were recorded, each with its position in the ledger.

    `happened` is when it happened, `recorded` when the ledger wrote it, both in London time: what was
    recorded after --as-at was not known then, even if it had happened. A date means the end of that day in
    London. --json has every instant in UTC.

    For example:

        caseledger replay 5b0c7a --as-at 2018-03-03
        caseledger replay 5b0c7a --json | jq .type
    """
    until = None if as_at is None else _end_of(as_at)
    documents = asyncio.run(_read(find(data, "ledger").ledger, case, until))
    if not documents:
        fail(
            f"The ledger knows no event of the case {case!r}" + (f" by {in_words(until)}." if until else ".")
        )
    if as_json:
        typer.echo(b"\n".join(documents).decode())
        return
    lines = [msgspec.json.decode(document, type=_Line) for document in documents]
    columns = ["position", "version", "happened", "recorded", "event", "by", "flags", "data"]
    print_table(columns, [_row(line) for line in lines])
    count = "1 event" if len(lines) == 1 else f"{len(lines)} events"
    known = f", as known at {in_words(until)}" if until else ""
    say(f"{count}{known}; times are London's.")


async def _read(url: str, case: str, until: datetime | None) -> list[bytes]:
    query = {} if until is None else {"recorded_until": text(until)}
    async with LedgerClient(url, source="/replay", patience=5) as ledger:
        return await ledger.case_events(case, **query)


def _end_of(written: str) -> datetime:
    """An instant as it is; a date as the last moment of that day in London."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", written):
        try:
            day = date.fromisoformat(written)
        except ValueError as error:
            raise typer.BadParameter(f"there is no day {written}") from error
        return calendar.london_midnight(day + timedelta(days=1)) - timedelta(microseconds=1)
    try:
        return instant_from(written)
    except ClockSettingError as error:
        raise typer.BadParameter(
            f"{written!r} is neither: write a London date such as 2018-04-16, or an instant such as "
            f"2018-04-16T12:00:00Z"
        ) from error


def _row(line: _Line) -> list[str]:
    facts = " ".join(f"{name}={_short(value)}" for name, value in line.data.items())
    numbers = [str(line.position), str(line.caseversion)]
    return [*numbers, _minute(line.time), _minute(line.recordedat), line.type, line.by, line.flags, facts]


def _minute(instant: datetime) -> str:
    return f"{calendar.in_london(instant):%Y-%m-%d %H:%M}"


def _short(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
