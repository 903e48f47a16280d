"""`caseledger migrate`: bring the database up to date, as its owner."""

import asyncio
import os
from typing import Annotated

import msgspec
import typer

from services.cli.terminal import print_json
from services.runtime import settings
from services.stack import databases


class _Owner(msgspec.Struct, frozen=True, kw_only=True):
    """Where to migrate."""

    database_url: Annotated[str, msgspec.Meta(description="the database, as its owner or a superuser")]
    keys_database_url: str | None = None


def migrate(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Apply nothing; end with 1 if something is pending.")
    ] = False,
    wait: Annotated[
        float, typer.Option(metavar="SECONDS", min=1, help="How long to wait for Postgres to answer.")
    ] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a script to read.")] = False,
) -> None:
    """Apply every migration of every service that CASELEDGER_DATABASE_URL does not have yet.

    The URL must be the owner's: migrations create the schemas and the services' login roles. Running it
    twice, or twice at once, is harmless. A Postgres that does not answer within --wait seconds is given up,
    with status 1. Data keys that have a database of their own (CASELEDGER_KEYS_DATABASE_URL) are migrated
    there. Migrations themselves take as long as they take. The roles have no passwords: set them, or
    trust the network.

    For example:

        export CASELEDGER_DATABASE_URL=postgresql://postgres@db/caseledger
        caseledger migrate
    """
    owner = settings.load(_Owner, os.environ)
    found = asyncio.run(_apply(owner, wait, check=check))
    if as_json:
        print_json(found)
    else:
        lines = [f"{service}: {name}" for service, names in found.items() for name in names]
        typer.echo("\n".join(lines) or ("Nothing is pending." if check else "Nothing to apply."))
    if check and any(found.values()):
        raise typer.Exit(1)


async def _apply(owner: _Owner, wait: float, *, check: bool) -> dict[str, list[str]]:
    urls = owner.database_url, owner.keys_database_url
    for url in filter(None, urls):
        await databases.reach(url, wait)
    return await (databases.pending(*urls) if check else databases.migrate(*urls))
