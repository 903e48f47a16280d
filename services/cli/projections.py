"""`caseledger projections`: the read models, which can be computed again at any time."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import httpx
import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.cli.target import DataOption, find, named_token
from services.cli.terminal import fail, print_json, print_rows
from services.projector import rebuild as rebuilding
from services.runtime import settings
from services.runtime.identity.bearer import bearer
from services.runtime.tls import authorities_for
from services.stack import databases
from services.stack.clocks import detail_of
from services.stack.service import PROJECTOR

app = typer.Typer(help="The read models: their state, and computing them again.", no_args_is_help=True)


class _Projector(msgspec.Struct, frozen=True, kw_only=True):
    """How production reaches both ends; of a stack its record says it."""

    ledger_url: str = ""
    database_url: str = ""


@app.command()
def status(
    data: DataOption = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a script to read.")] = False,
) -> None:
    """Show how far the read models are behind the ledger, and which cases could not be computed.

    For example:

        caseledger projections status --json
    """
    found = find(data, "projector")
    url, headers = found.projector, bearer(found.token)
    try:
        answer = httpx.get(
            f"{url}/v1/lag", headers=headers, timeout=10, trust_env=False, verify=authorities_for(url)
        )
        lag = answer.raise_for_status().json()
    except httpx.HTTPStatusError as error:
        fail(f"The projector at {url} answered {error.response.status_code}: {detail_of(error.response)}")
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
    CASELEDGER_DATABASE_URL (for the role caseledger_projector or the owner).

    For example:

        caseledger projections rebuild --data /var/lib/caseledger
    """
    ledger_url, owner_url, token = _sources(data)
    database_url = databases.take_role(owner_url, databases.role_of(PROJECTOR))
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("events", total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        try:
            asyncio.run(rebuilding.rebuild(database_url, ledger_url, show, token=token))
        except rebuilding.RebuildUnderway as error:
            fail(str(error))
    typer.echo("The read models have been computed again, and are live.")


def _sources(data: Path | None) -> tuple[str, str, str]:
    """The ledger's URL, a database URL that may act as the projector, and a token for the ledger."""
    named = settings.load(_Projector, os.environ)
    if data is None and named.ledger_url and named.database_url:
        return named.ledger_url, named.database_url, named_token()
    found = find(data)
    return found.ledger, found.database, found.token
