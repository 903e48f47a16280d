"""`caseledger data-keys`: the keys that personal data are sealed with, and wrapping them anew."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import httpx
import msgspec
import typer
from msgspec import structs
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.cli.target import DataOption, layout_of
from services.cli.terminal import fail, print_json, print_rows
from services.ledger import keyholding
from services.ledger.absence import UNMIGRATED
from services.ledger.rewrapping import Rewrapping, Standing
from services.ledger.wrapping import CannotUnwrap, KeyAway
from services.runtime import postgres, settings
from services.runtime.tls import authorities
from services.stack.errors import StackError
from services.stack.layout import Layout, is_held, running

app = typer.Typer(
    help="The keys that personal data are sealed with: how they are wrapped.", no_args_is_help=True
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a script to read.")]


class _Told(msgspec.Struct, frozen=True, kw_only=True):
    """What the environment says of data keys; where those of a stack are, its directory says."""

    database_url: str | None = None
    keys_database_url: str | None = None
    key_encryption_key: str | None = None
    key_encryption_key_file: str | None = None
    key_encryption_service_url: str | None = None
    key_encryption_service_token_file: str | None = None


@app.command()
def status(data: DataOption = None, *, as_json: AsJson = False) -> None:
    """Show how many data keys each key-encryption key wraps, and how many were destroyed.

    Of one that was destroyed nothing is left on the disk within a minute; if something is, it says where,
    and what to do.

    A key-encryption key that wraps none may be thrown away, once all that is to be forgotten is.

    For example:

        caseledger data-keys status --json
    """
    standing = asyncio.run(_standing(_told(data)))
    if as_json:
        print_json({**structs.asdict(standing), "to_do": standing.to_do})
        return
    rows = {f"wrapped with {kek_id}": f"{count:,}" for kek_id, count in standing.wrapped.items()}
    left = {"left on disk": standing.left or "nothing"} if standing.destroyed else {}
    print_rows({"wraps now": standing.present, **rows, "destroyed": f"{standing.destroyed:,}", **left})


@app.command()
def rewrap(data: DataOption = None, *, as_json: AsJson = False) -> None:
    """Wrap every data key with the key-encryption key that wraps now, without touching an event.

    Give every ledger the new key first, above the old one, and start it again. Ledgers go on meanwhile; what
    was interrupted is gone on with by the next run. Afterwards take the old key away, also from backups.

    For example:

        caseledger data-keys rewrap
    """
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        done, standing = asyncio.run(_rewrap(_told(data), bar))
    if as_json:
        print_json({"rewrapped": done, **structs.asdict(standing), "to_do": standing.to_do})
    else:
        typer.echo(f"{done:,} data keys wrapped anew with {standing.present}.")


async def _standing(told: _Told) -> Standing:
    async with _rewrapping(told) as rewrapping:
        return await rewrapping.standing()


async def _rewrap(told: _Told, bar: Progress) -> tuple[int, Standing]:
    async with _rewrapping(told) as rewrapping:
        task = bar.add_task("data keys", total=(await rewrapping.standing()).to_do)
        done = await rewrapping.run(lambda so_far: bar.update(task, completed=so_far))
        return done, await rewrapping.standing()


@asynccontextmanager
async def _rewrapping(told: _Told) -> AsyncIterator[Rewrapping]:
    holding = keyholding.of(told)
    url = told.keys_database_url or told.database_url or ""
    connection = await postgres.connect(url, application_name="caseledger data-keys")
    try:
        async with httpx.AsyncClient(verify=authorities(), trust_env=False) as http:
            statements = postgres.load_sql("services.ledger.sql")
            yield Rewrapping(connection, statements, holding.at_work(lambda: http))
    except (KeyAway, CannotUnwrap) as error:
        fail(f"The data keys cannot be had: {error}. What was wrapped anew stays so; run it again.")
    except UNMIGRATED:
        fail("That database has no data keys, or not all that belongs to them: run `caseledger migrate`.")
    finally:
        await connection.close()


def _told(data: Path | None) -> _Told:
    """What is to be read: of the stack on a data directory, or what the environment names."""
    told = settings.load(_Told, os.environ)
    if data is None and told.database_url:
        return told
    layout = layout_of(data)
    if record := running(layout):
        return structs.replace(told, database_url=record.urls.database, **_own_key(layout, told))
    if is_held(layout):
        raise StackError(f"The stack on {layout.data} is still starting; try again in a moment.")
    raise StackError(
        f"No stack is running on {layout.data}: start it with `caseledger up`, name its directory with "
        "--data, or set CASELEDGER_DATABASE_URL and CASELEDGER_KEY_ENCRYPTION_KEY_FILE as ledgers have them."
    )


def _own_key(layout: Layout, told: _Told) -> dict[str, str]:
    """The key that the stack made for itself, unless others are named."""
    if told.key_encryption_key or told.key_encryption_key_file or told.key_encryption_service_url:
        return {}
    return {"key_encryption_key_file": str(layout.key_encryption_key)}
