"""`caseledger verify`: the whole ledger against its tree, its checkpoints and what an auditor kept."""

import asyncio
import os
import traceback
from pathlib import Path
from typing import Annotated, NamedTuple, NoReturn

import asyncpg
import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.cli import anchors
from services.cli.target import DataOption, layout_of
from services.cli.terminal import counted, fail, print_json, say
from services.cli.verdict import UNKNOWN, WRONG, Unverified, reason
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
from services.runtime.postgres import AWAY
from services.runtime.settings import SettingsError
from services.stack.layout import is_held, running


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
    wait: float


class _Verdict(NamedTuple):
    """What was found to hold, and how many checkpoints on NATS bear it out."""

    found: Verified
    stamps: Stamps | None
    announced: int


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
    wait: Annotated[
        float, typer.Option(metavar="SECONDS", min=1, help="How long to wait for Postgres to answer.")
    ] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a script to read.")] = False,
) -> None:
    """Verify every event, the tree over them and every checkpoint; names the first position that is wrong.

    Reads the database itself: of the stack on --data, or the one that CASELEDGER_DATABASE_URL names. What the
    database says is believed only as far as the keys, and a checkpoint kept elsewhere, bear it out: get both
    from somewhere else.

    Ends with 0 if all is as it was recorded. Ends with 1 if something is not, and names where. Ends with 2 if
    it could not be verified, and says why: no stack or no Postgres within --wait seconds, a file that cannot
    be used, a wrong option. That says nothing of the ledger: mend it and run it again.

    For example:

        caseledger verify --key ledger.keys --from-checkpoint kept-in-march.txt
    """
    try:
        verifiers = _keys(key)
        kept = _kept(from_checkpoint, verifiers)
        trusted = anchors.authority(timestamp_authority) if timestamp_authority else None
        asked = _Asked(_database(data), verifiers, kept, _broker(nats), trusted, wait)
        if not verifiers:
            say("Without --key, no signature is checked.")
        verdict = _watch(asked)
    except Wrong as wrong:
        _end(_said(wrong), str(wrong), WRONG, as_json=as_json)
    except (Unverified, SettingsError) as why:
        _give_up(str(why), as_json=as_json)
    except Exception as error:  # noqa: BLE001 - a fault of the verifier's own is no finding about the ledger
        traceback.print_exc()
        _give_up(f"the verifier itself failed ({type(error).__name__}), please report it", as_json=as_json)
    if as_json:
        print_json({"verified": True, **_for_a_script(asked, verdict)})
    else:
        typer.echo(_in_words(asked, verdict))


def _give_up(why: str, *, as_json: bool) -> NoReturn:
    _end({"verified": None, "reason": why}, f"Could not be verified: {why}", UNKNOWN, as_json=as_json)


def _end(answer: dict[str, object], line: str, status: int, *, as_json: bool) -> NoReturn:
    if as_json:
        print_json(answer)
    fail(line, status)


def _watch(asked: _Asked) -> _Verdict:
    """Verify, with a bar on stderr that is gone by the verdict. Raises `Wrong` and `Unverified`."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("events", total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        try:
            return asyncio.run(_verify(asked, show))
        except asyncpg.UndefinedTableError:
            raise Unverified("the database has no ledger: run `caseledger migrate`") from None
        except (*AWAY, asyncpg.PostgresError) as error:
            server = postgres.server_of(asked.database)
            said = str(error) or "it stopped answering"
            raise Unverified(f"the database at {server} cannot be read to the end: {said}") from None


def _said(wrong: Wrong) -> dict[str, object]:
    places = {"position": wrong.position, "until": wrong.until}
    return {"verified": False, **places, "kind": wrong.kind, "what": str(wrong)}


def _for_a_script(asked: _Asked, verdict: _Verdict) -> dict[str, object]:
    stamps = {"timestamps": verdict.stamps._asdict()} if verdict.stamps else {}
    announced = {"announced": verdict.announced} if asked.nats else {}
    checked = {"keys": [str(each) for each in asked.keys], "kept": [each.head.size for each in asked.kept]}
    return {**verdict.found._asdict(), **checked, **announced, **stamps}


def _in_words(asked: _Asked, verdict: _Verdict) -> str:
    """What was verified, and by what: without a key, or a checkpoint kept elsewhere, it says less."""
    found, stamps, announced = verdict
    events, checkpoints = counted(found.events, "event"), counted(found.checkpoints, "checkpoint")
    said = [f"All is as it was recorded: {events}, {found.sealed:,} of them sealed, under {checkpoints}."]
    said += [f"Signatures were checked with {each.short}." for each in asked.keys]
    for each in asked.kept:
        said.append(f"It goes on from the checkpoint of {counted(each.head.size, 'event')} that was kept.")
    if asked.nats:
        said.append(f"It bears out {counted(announced, 'checkpoint')} on NATS.")
    if stamps:
        first, last = text(stamps.first), text(stamps.last)
        said.append(f"{counted(stamps.number, 'checkpoint')} time-stamped, from {first} to {last}.")
    return "\n".join(said)


async def _verify(asked: _Asked, show: Told) -> _Verdict:
    # The stream first: what it has by then is in the database.
    announced = await anchors.announced(asked.nats, asked.keys) if asked.nats else []
    kept = [*asked.kept, *announced]
    connection = await _connect(asked.database, asked.wait)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            statements = postgres.load_sql("services.ledger.sql")
            found = await Verification(connection, statements, asked.keys, kept).run(show)
            trusted = asked.authority
            stamps = await stamped.verify(connection, statements, trusted) if trusted else None
            return _Verdict(found, stamps, len(announced))
    finally:
        await connection.close(timeout=anchors.PATIENCE)


async def _connect(url: str, wait: float) -> asyncpg.Connection:
    try:
        async with asyncio.timeout(wait):
            # No statement takes long, but the one transaction may: everything in it is of one moment.
            return await postgres.connect(
                url, application_name="caseledger verify", idle_in_transaction_timeout=0
            )
    except TimeoutError:
        server = postgres.server_of(url)
        raise Unverified(
            f"Postgres at {server} did not answer within {wait:.0f} s: is it up, and is that its address?"
        ) from None


def _database(data: Path | None) -> str:
    url = settings.load(_Ledger, os.environ).database_url
    if data is None and url:
        return url
    layout = layout_of(data)
    if record := running(layout):
        return record.urls.database
    if is_held(layout):
        raise Unverified(f"the stack on {layout.data} is still starting: try again in a moment")
    raise Unverified(
        f"no stack is running on {layout.data}: set CASELEDGER_DATABASE_URL to the ledger's database, "
        f"or start the stack with `caseledger up`, or name its directory with --data"
    )


def _broker(written: str) -> str:
    """The broker that was named; one with a password is better named where no list of processes shows it."""
    if written != "-":
        return written
    if url := settings.load(_Ledger, os.environ).nats_url:
        return url
    raise Unverified("--nats - is the broker of CASELEDGER_NATS_URL, which is not set: set it")


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
        raise Unverified(f"the keys in {path} cannot be used: {reason(error)}") from None


def _kept(path: Path | None, verifiers: list[Verifier]) -> list[Kept]:
    if path is None:
        return []
    if not verifiers:
        raise Unverified("a kept checkpoint is checked with the ledger's keys: give them with --key FILE")
    try:
        raw = path.read_bytes()
        parsed = note.parse(raw)
        head = treehead.parse(parsed.text)
        trusted = [each for each in verifiers if each.name == head.origin]
        if not checkpoint.is_vouched_for(checkpoint.check_signatures(parsed, trusted), trusted):
            raise Unverified(
                f"the checkpoint in {path} is signed by no key that was given, or not by all of one time"
            )
        saved_at = int(path.stat().st_mtime)
    except (OSError, EvidenceError) as error:
        raise Unverified(f"the checkpoint in {path} cannot be used: {reason(error)}") from None
    # The file's date decides nothing but what a contradiction is called: put back, or changed.
    return [Kept(head, "the checkpoint that was kept", saved_at)]
