"""`caseledger replay CASE`: one case's history, as it is known now or as it was known on a day."""

import asyncio
import re
from datetime import date, datetime, timedelta
from typing import Annotated, Any

import msgspec
import typer

from services.cli.target import DataOption, find
from services.cli.terminal import fail, print_table, say
from services.domain import calendar
from services.runtime.client import LedgerClient
from services.runtime.clock import instant_from, text


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

    `happened` is when it happened, `recorded` when the ledger wrote it: what was recorded after --as-at was
    not known then, even if it had happened. A date means the end of that day in London.

    For example:

        caseledger replay 5b0c7a --as-at 2018-03-03
        caseledger replay 5b0c7a --json | jq .type
    """
    until = None if as_at is None else _end_of(as_at)
    documents = asyncio.run(_read(find(data, "ledger").ledger, case, until))
    if not documents:
        fail(f"The ledger knows no event of the case {case!r}" + (f" by {text(until)}." if until else "."))
    if as_json:
        typer.echo(b"\n".join(documents).decode())
        return
    lines = [msgspec.json.decode(document, type=_Line) for document in documents]
    columns = ["position", "version", "happened", "recorded", "event", "by", "flags", "data"]
    print_table(columns, [_row(line) for line in lines])
    say(
        ("1 event" if len(lines) == 1 else f"{len(lines)} events")
        + (f", as known at {text(until)}." if until else ".")
    )


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
            raise typer.BadParameter(f"{written!r} is not a date") from error
        return calendar.london_midnight(day + timedelta(days=1)) - timedelta(microseconds=1)
    return instant_from(written)


def _row(line: _Line) -> list[str]:
    facts = " ".join(f"{name}={_short(value)}" for name, value in line.data.items())
    numbers = [str(line.position), str(line.caseversion)]
    return [*numbers, _minute(line.time), _minute(line.recordedat), line.type, line.actor, line.flags, facts]


def _minute(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M}Z"


def _short(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
