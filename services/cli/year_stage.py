"""What the audience of the sample year sees: how far it has come, and in the end its figures."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import httpx
from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from services.cli.sample_year import Day, Loaded
from services.cli.year.counting import Figure
from services.runtime.identity.bearer import bearer
from services.runtime.tls import authorities_for
from services.stack.clocks import Reached

READ_MODELS: Final = "read models"
MOST: Final = 200  # items of a page
SHORT: Final = 12  # characters of what is printed twice

STANDING: Final[tuple[tuple[str, str, dict[str, str], str], ...]] = (
    ("children looked after", "/v1/cases", {"status": "LOOKED_AFTER"}, "30"),
    ("children on a protection plan", "/v1/cases", {"status": "CP_PLAN"}, "19"),
    ("practice alerts", "/v1/alerts", {}, "14"),
    ("of these still open", "/v1/alerts", {"open": "true"}, "0"),
)
"""What the read models answer of 31 March 2018: what, where, asked how, and what it comes to."""


@contextmanager
def bar(console: Console, total: int) -> Iterator[Day]:
    """A bar that shows the day and how many of `total` events have been typed in."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed} events"))
    with Progress(*columns, TimeElapsedColumn(), console=console) as progress:
        task = progress.add_task("1 April 2017", total=total)

        def typed(loaded: Loaded) -> None:
            day = f"{loaded.day.day} {loaded.day:%B %Y}"
            progress.update(task, description=f"{day:<17}", completed=loaded.events)

        yield typed


async def standing(urls: Reached) -> list[Figure]:
    """The same year as the read models have it on its last day."""
    async with httpx.AsyncClient(
        base_url=urls.projector,
        timeout=30,
        verify=authorities_for(urls.projector),
        trust_env=False,
        headers=bearer(urls.token),
    ) as client:
        return [
            Figure(READ_MODELS, name, str(await _number(client, path, parameters)), printed)
            for name, path, parameters, printed in STANDING
        ]


async def _number(client: httpx.AsyncClient, path: str, parameters: Mapping[str, str]) -> int:
    answer = await client.get(path, params={**parameters, "limit": MOST})
    found: dict[str, Any] = answer.raise_for_status().json()
    return len(found["items"])


def show_figures(console: Console, found: Sequence[Figure]) -> None:
    """A row a figure: what it comes to, beside what the report prints; of what it does not, what was made."""
    table = Table("report", "what", "in the ledger", "expected", "", box=box.SIMPLE, pad_edge=False)
    for each in found:
        mark = "✓" if each.agrees else "✗"
        printed = "the same" if each.agrees and len(each.printed) > SHORT else each.printed
        table.add_row(each.report, each.name, each.counted, printed, mark)
    console.print(table)
