"""`caseledger verify`: the whole ledger against its tree, its checkpoints and what an auditor kept."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import asyncpg
import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.cli.target import DataOption, find
from services.cli.terminal import fail, print_json, say
from services.evidence import checkpoint, keyring, keys, note, treehead
from services.evidence.errors import EvidenceError
from services.evidence.keys import Verifier
from services.ledger.verification import Kept, Verification, Verified, Wrong
from services.ledger.verification import Progress as Told
from services.runtime import postgres, settings

BAD = 1


class _Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """How production reaches the ledger's database; of a stack its record says it."""

    database_url: str = ""


def verify(
    data: DataOption = None,
    *,
    key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The ledger's verifier keys, present and former.")
    ] = None,
    from_checkpoint: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A checkpoint that was kept, to hold the ledger against."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a script to read.")] = False,
) -> None:
    """Verify every event, the tree over them and every checkpoint; names the first position that is wrong.

    Reads the database itself: of the stack on --data, or the one that CASELEDGER_DATABASE_URL names. What the
    database says is believed only as far as the keys, and a checkpoint kept elsewhere, bear it out: get both
    from somewhere else.

    For example:

        caseledger verify --key ledger.keys --from-checkpoint kept-in-march.txt
    """
    verifiers = _keys(key)
    kept = _kept(from_checkpoint, verifiers)
    if not verifiers:
        say("Without --key, no signature is checked.")
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("events", total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        try:
            found = asyncio.run(_verify(_database(data), verifiers, kept, show))
        except Wrong as wrong:
            if as_json:
                print_json(_said(wrong))
            fail(str(wrong), BAD)
    if as_json:
        print_json({"verified": True, **found._asdict()})
    else:
        typer.echo(
            f"{found.events} events are as they were recorded; {found.sealed} of them are sealed, "
            f"under {found.checkpoints} checkpoints."
        )


def _said(wrong: Wrong) -> dict[str, object]:
    places = {"position": wrong.position, "until": wrong.until}
    return {"verified": False, **places, "kind": wrong.kind, "what": str(wrong)}


async def _verify(url: str, keys: list[Verifier], kept: list[Kept], show: Told) -> Verified:
    # No statement of it takes long, but the one transaction may: everything in it is of one moment.
    connection = await postgres.connect(
        url, application_name="caseledger verify", idle_in_transaction_timeout=0
    )
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            statements = postgres.load_sql("services.ledger.sql")
            return await Verification(connection, statements, keys, kept).run(show)
    except asyncpg.UndefinedTableError:
        fail("The database has no ledger; run `caseledger migrate`.")
    finally:
        await connection.close()


def _database(data: Path | None) -> str:
    named = settings.load(_Ledger, os.environ)
    return named.database_url if data is None and named.database_url else find(data).database


def _keys(path: Path | None) -> list[Verifier]:
    if path is None:
        return []
    try:
        written = path.read_text("utf-8")
        if "PRIVATE+KEY+" in written:
            ring = keyring.parse(written)
            return [*ring.verifiers, *ring.former]
        return [keys.read_verifier(line) for line in written.splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError, EvidenceError) as error:
        fail(f"The keys in {path} cannot be used: {error}")


def _kept(path: Path | None, verifiers: list[Verifier]) -> list[Kept]:
    if path is None:
        return []
    if not verifiers:
        fail("A checkpoint that was kept is checked with the ledger's keys: give them with --key FILE.")
    try:
        raw = path.read_bytes()
        parsed = note.parse(raw)
        head = treehead.parse(parsed.text)
        if not checkpoint.check_signatures(parsed, [each for each in verifiers if each.name == head.origin]):
            fail(f"The checkpoint in {path} is signed by no key that was given.")
        saved_at = int(path.stat().st_mtime)
    except (OSError, EvidenceError) as error:
        fail(f"The checkpoint in {path} cannot be used: {error}")
    # The file's date decides nothing but what a contradiction is called: put back, or changed.
    return [Kept(head, "the checkpoint that was kept", saved_at)]
