"""`caseledger looks`: who was shown what is sealed of a child, and what one person was shown."""

from datetime import datetime
from itertools import islice
from typing import Annotated, Any
from urllib.parse import quote

import typer

from services.cli.listing import items
from services.cli.replay.when import minute
from services.cli.target import DataOption, find
from services.cli.terminal import print_json, print_table, say
from services.domain import calendar
from services.projector.look_answers import Unusual
from services.runtime.clock import text

Since = Annotated[
    datetime | None,
    typer.Option("--since", metavar="DAY", formats=["%Y-%m-%d"], help="From this London date on."),
]


def looks(  # noqa: PLR0913 - each is an option
    case_id: Annotated[
        str | None, typer.Argument(metavar="CASE", help="At which case; any without it.")
    ] = None,
    data: DataOption = None,
    *,
    by: Annotated[str | None, typer.Option("--by", metavar="WHO", help="By this account only.")] = None,
    since: Since = None,
    unusual: Annotated[Unusual | None, typer.Option("--unusual", help="Unusual in this way only.")] = None,
    most: Annotated[
        int, typer.Option("--most", min=1, metavar="N", help="At most so many, the newest.")
    ] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a script to read.")] = False,
) -> None:
    """List who was shown what is sealed, the newest first: of one case, or of all; by one person, or by all.

    For example:

        caseledger looks case-2017-0042

        caseledger looks --by worker:3 --since 2018-03-01
    """
    path = f"/v1/cases/{quote(case_id, safe='')}/access" if case_id else "/v1/looks"
    query = {"who": by, "since": _instant(since), "unusual": unusual}
    given = {name: value for name, value in query.items() if value is not None}
    found = list(islice(items(find(data, "projector"), path, given), most + 1))
    shown = found[:most]
    if as_json:
        print_json(shown)
        return
    if shown:
        print_table(["When", "Who", "Case", "For", "Shown", "Unusual"], [_row(each) for each in shown])
    more = " There are older ones: --most shows more." if len(found) > most else ""
    say(f"{len(shown)} look{'' if len(shown) == 1 else 's'}.{more}")


def _instant(day: datetime | None) -> str | None:
    return text(calendar.london_midnight(day.date())) if day else None


def _row(look: dict[str, Any]) -> list[str]:
    when = minute(datetime.fromisoformat(look["looked_at"]))
    fields = len(look["fields"])
    shown = f"{fields} field{'' if fields == 1 else 's'}" + (
        f" of {look['versions']}" if look["versions"] else ""
    )
    unusual = ", ".join(look["unusual"])
    return [when, look["who"] or "", look["case_id"], look["purpose"], shown, unusual]
