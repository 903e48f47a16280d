"""`caseledger projections`: the read models, which can be computed again at any time."""

import asyncio
import importlib
import os
from typing import Annotated

import httpx
import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.cli.target import DataOption, find
from services.cli.terminal import fail, print_json, print_rows
from services.runtime import settings
from services.stack import databases

app = typer.Typer(help="The read models: their state, and computing them again.", no_args_is_help=True)


class _Projector(msgspec.Struct, frozen=True, kw_only=True):
    """How production reaches the projector's database; a stack's record says it otherwise."""

    ledger_url: str = ""
    database_url: str = ""


@app.command()
def status(
    data: DataOption = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a script to read.")] = False,
) -> None:
    """Show how far the read models are behind the ledger, and which cases could not be computed."""
    url = find(data).projector
    try:
        lag = httpx.get(f"{url}/v1/lag", timeout=10, trust_env=False).raise_for_status().json()
    except httpx.HTTPError as error:
        fail(
            f"The projector at {url} does not answer ({type(error).__name__}): `caseledger status` says more."
        )
    if as_json:
        print_json(lag)
    else:
        print_rows({name: str(value) for name, value in lag.items()})


@app.command()
def rebuild(data: DataOption = None) -> None:
    """Compute every read model again beside the live one, and switch when the new one has caught up.

    Answers go on from the old one until then, without a moment of missing or mixed ones. A rebuild that is
    interrupted is thrown away and changes nothing. In production, set CASELEDGER_LEDGER_URL and
    CASELEDGER_DATABASE_URL (as the role caseledger_projector).

    For example:

        caseledger projections rebuild --data /var/lib/caseledger
    """
    named = settings.load(_Projector, os.environ)
    if data is None and named.ledger_url and named.database_url:
        ledger_url, database_url = named.ledger_url, named.database_url
    else:
        urls = find(data)
        ledger_url = urls.ledger
        database_url = databases.take_role(urls.database, databases.role_of("projector"))
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("positions", total=None)
        rebuild = importlib.import_module("services.projector.rebuild").rebuild
        asyncio.run(
            rebuild(
                database_url, ledger_url, lambda done, total: bar.update(task, completed=done, total=total)
            )
        )
    typer.echo("The read models have been computed again, and are live.")
