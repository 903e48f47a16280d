"""`caseledger verify`: the whole ledger against its tree, its checkpoints and what an auditor kept."""

import asyncio
import os
from pathlib import Path
from typing import Annotated, NamedTuple

import asyncpg
import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.cli import anchors
from services.cli.target import DataOption, find
from services.cli.terminal import fail, print_json, say
from services.evidence import checkpoint, keyring, keys, note, treehead
from services.evidence.errors import EvidenceError
from services.evidence.keys import Verifier
from services.evidence.timestamp import Authority
from services.ledger import stamped
from services.ledger.stamped import Stamps
from services.ledger.verification import Kept, Verification, Verified, Wrong
from services.ledger.verification import Progress as Told
from services.runtime import postgres, settings
from services.runtime.clock import text

BAD = 1


class _Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """How production reaches the ledger's servers; where the database of a stack is, its record says."""

    database_url: str = ""
    nats_url: str = ""


class _Asked(NamedTuple):
    """What to verify, and against what."""

    database: str
    keys: list[Verifier]
    kept: list[Kept]
    nats: str
    authority: Authority | None


def verify(  # noqa: PLR0913 - one for each option
    data: DataOption = None,
    *,
    key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The ledger's verifier keys, present and former.")
    ] = None,
    from_checkpoint: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A checkpoint that was kept, to hold the ledger against."),
    ] = None,
    nats: Annotated[
        str,
        typer.Option(
            "--nats",
            metavar="URL",
            help="Hold it against the checkpoints on this NATS, too; - is the one of CASELEDGER_NATS_URL.",
        ),
    ] = "",
    timestamp_authority: Annotated[
        Path | None,
        typer.Option(metavar="CERT", help="Check the time stamps, by these certificates (PEM)."),
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
            trusted = anchors.authority(timestamp_authority) if timestamp_authority else None
            asked = _Asked(_database(data), verifiers, kept, _broker(nats), trusted)
            found, stamps = asyncio.run(_verify(asked, show))
        except Wrong as wrong:
            if as_json:
                print_json(_said(wrong))
            fail(str(wrong), BAD)
    if as_json:
        beside = {"timestamps": stamps._asdict()} if stamps else {}
        print_json({"verified": True, **found._asdict(), **beside})
    else:
        typer.echo(_in_words(found, stamps))


def _said(wrong: Wrong) -> dict[str, object]:
    places = {"position": wrong.position, "until": wrong.until}
    return {"verified": False, **places, "kind": wrong.kind, "what": str(wrong)}


def _in_words(found: Verified, stamps: Stamps | None) -> str:
    said = (
        f"{found.events} events are as they were recorded; {found.sealed} of them are sealed, "
        f"under {found.checkpoints} checkpoints."
    )
    if stamps:
        said += (
            f" {stamps.number} of these are time-stamped, from {text(stamps.first)} to {text(stamps.last)}."
        )
    return said


async def _verify(asked: _Asked, show: Told) -> tuple[Verified, Stamps | None]:
    # The stream first: what it has by then is in the database.
    kept = [*asked.kept, *(await anchors.announced(asked.nats, asked.keys) if asked.nats else ())]
    # No statement of it takes long, but the one transaction may: everything in it is of one moment.
    connection = await postgres.connect(
        asked.database, application_name="caseledger verify", idle_in_transaction_timeout=0
    )
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            statements = postgres.load_sql("services.ledger.sql")
            found = await Verification(connection, statements, asked.keys, kept).run(show)
            trusted = asked.authority
            return found, await stamped.verify(connection, statements, trusted) if trusted else None
    except asyncpg.UndefinedTableError:
        fail("The database has no ledger; run `caseledger migrate`.")
    finally:
        await connection.close()


def _database(data: Path | None) -> str:
    named = settings.load(_Ledger, os.environ)
    return named.database_url if data is None and named.database_url else find(data).database


def _broker(written: str) -> str:
    """The broker that was named; one with a password is better named where no list of processes shows it."""
    if written != "-":
        return written
    return settings.load(_Ledger, os.environ).nats_url or fail("--nats - needs CASELEDGER_NATS_URL.")


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
        trusted = [each for each in verifiers if each.name == head.origin]
        if not checkpoint.is_vouched_for(checkpoint.check_signatures(parsed, trusted), trusted):
            fail(f"The checkpoint in {path} is signed by no key that was given, or not by all of one time.")
        saved_at = int(path.stat().st_mtime)
    except (OSError, EvidenceError) as error:
        fail(f"The checkpoint in {path} cannot be used: {error}")
    # The file's date decides nothing but what a contradiction is called: put back, or changed.
    return [Kept(head, "the checkpoint that was kept", saved_at)]
