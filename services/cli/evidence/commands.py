"""`caseledger evidence CASE -o FILE.zip`, and `caseledger evidence verify FILE.zip`, which is offline."""

import asyncio
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from msgspec import Struct

from services.cli.evidence import checking, chronology
from services.cli.evidence.checking import OtherWriter
from services.cli.evidence.gathering import Gathered, NothingToProve, gather
from services.cli.files import put
from services.cli.groups import CaseOrCommand
from services.cli.target import DataOption, find
from services.cli.terminal import counted, fail, in_words, print_json, say
from services.cli.verdict import UNKNOWN, WRONG, reason
from services.domain.errors import CaseworkError
from services.evidence import archive, keys, timestamp
from services.evidence.bundle import Proven, Signed
from services.evidence.errors import BadBundle, EvidenceError
from services.evidence.keys import Verifier
from services.evidence.note import b64
from services.evidence.timestamp import Authority
from services.runtime import settings
from services.runtime.client import LedgerClient
from services.runtime.clock import text
from services.stack.layout import Target

OTHER_WRITER: Final = 3


app = typer.Typer(
    name="evidence",
    help="Hand a case over with its proof, in one file: `caseledger evidence CASE -o FILE.zip`.",
    epilog="`evidence CASE` takes `-o FILE`, `--key KEY`, `--wait SECONDS`, `--data DIR` and `--json`: "
    "`caseledger evidence make --help` explains them.",
    cls=CaseOrCommand,
    no_args_is_help=True,
)


class _Named(Struct, frozen=True, kw_only=True):
    """Who cosigns the ledger's checkpoints, as the ledger is told it: pairs of a verifier key and a URL."""

    witnesses: str = ""


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a script to read.")]


@app.command()
def make(  # noqa: PLR0913 - the options of a command
    case: Annotated[str, typer.Argument(metavar="CASE", help="The case's id.")],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", help="The archive to write; it must not exist yet."),
    ],
    key: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY", help="A witness's verifier key, or a former one of the ledger, or a file of them."
        ),
    ] = None,
    wait: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, help="How long to wait until all events are sealed.")
    ] = 10.0,
    data: DataOption = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Write a case's documents, their proof, and a readable chronology into one archive.

    `caseledger evidence CASE` is short for it. Events that no checkpoint covers yet are left out, and said.
    What is personal in it stays sealed. Keep it as you would keep the case file all the same.

    For example:

        caseledger evidence 5b0c7a -o 5b0c7a.zip
    """
    if output.exists():
        fail(f"{output} is there already: evidence is not written over. Name another file.")
    named = settings.load(_Named, os.environ).witnesses.split()[::2]
    witnesses = [each for written in (*named, *(key or ())) for each in _keys(written)]
    try:
        gathered = asyncio.run(_gather(find(data, "ledger"), case, witnesses, wait))
        raw = checking.make(gathered.parts)
        checking.check(raw, [])
    except NothingToProve as error:
        fail(str(error))
    except EvidenceError as error:
        fail(
            "The ledger is not what was sealed, so no evidence was made. Run `caseledger verify`, which names"
            f" the first event that is wrong, and tell the auditors. (What showed it: {error}.)"
        )
    put(output, raw)
    count = len(gathered.parts.documents)
    if as_json:
        said = {"file": str(output), "case": case, "events": count, "uncovered": gathered.uncovered}
        print_json({**said, "left_out": gathered.unknown})
        return
    typer.echo(f"{output} holds {counted(count, 'event')} of case {case}, each with its proof.")
    for name in gathered.unknown:
        say(f"The signature of {name} is left out: give its verifier key with --key to have it in.")
    if gathered.passed_over:
        say(
            "Others vouch for a checkpoint that a former key of the ledger signed: give its verifier key "
            "with --key to have that one."
        )
    if gathered.uncovered:
        say(
            f"{counted(gathered.uncovered, 'event')} more of the case no checkpoint covers yet: not in it. "
            f"Make it again later."
        )


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The archive.")],
    key: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY",
            help="A verifier key that you have from elsewhere, or a file of them; each must have signed, "
            "of the ledger's own those of one time.",
        ),
    ] = None,
    authority: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            exists=True,
            help="The certificates (PEM) of the authority that must have given the time stamp.",
        ),
    ] = None,
    chronology_file: Annotated[
        Path | None,
        typer.Option("--chronology", metavar="FILE", help="Write the chronology anew, from what is proven."),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Verify a bundle, offline: refuses one of which a byte is another.

    Ends with 0 if all is right, with 1 if the bundle is refused, with 2 if it could not be verified (a file
    that cannot be read or written, a wrong option), and with 3 if the documents are proven but another
    version of caseledger made the pages, so that they cannot be compared: --chronology writes them anew.

    For example:

        caseledger evidence verify 5b0c7a.zip --key ledger.keys
    """
    given = [each for written in key or [] for each in _keys(written)]
    trusted = _authority(authority) if authority else None
    try:
        proven, unlike = checking.check(_read(file), given, trusted), None
    except OSError as error:
        if as_json:
            print_json({"verified": None, "proven": None, "reason": f"{file}: {reason(error)}"})
        fail(f"{file} could not be verified: {reason(error)}.", UNKNOWN)
    except OtherWriter as error:
        proven, unlike = error.proven, error
    except EvidenceError as error:
        if as_json:
            member = error.member if isinstance(error, BadBundle) else ""
            print_json({"verified": False, "proven": False, "member": member, "what": str(error)})
        fail(f"{file} is refused: {_plain(str(error))}.", WRONG)
    if chronology_file is not None:
        put(chronology_file, _anew(proven), UNKNOWN)
    if as_json:
        print_json(_said(proven, given, unlike, stamped=trusted is not None))
    else:
        typer.echo("\n".join(map(_plain, _told(proven, given, stamped=trusted is not None))))
    if unlike is not None:
        fail(f"The pages are not verified: {_plain(str(unlike))}.", OTHER_WRITER)


async def _gather(target: Target, case: str, witnesses: list[Verifier], wait: float) -> Gathered:
    async with LedgerClient(target.ledger, source="/evidence", token=target.token, patience=5) as ledger:
        return await gather(ledger, case, witnesses, wait)


def _keys(written: str) -> list[Verifier]:
    """A verifier key, or those of a file, one a line."""
    try:
        path = Path(written)
        lines = path.read_text("utf-8").splitlines() if path.is_file() else [written]
        return [keys.read_verifier(line) for line in lines if line.strip()]
    except (OSError, UnicodeDecodeError, EvidenceError) as error:
        raise typer.BadParameter(f"{written}: {reason(error)}", param_hint="--key") from None


def _authority(path: Path) -> Authority:
    try:
        return timestamp.read_authority(path.read_bytes())
    except (OSError, EvidenceError) as error:
        raise typer.BadParameter(f"{path}: {reason(error)}", param_hint="--authority") from None


def _read(path: Path) -> bytes:
    with path.open("rb") as file:  # of what is too long, as much as shows it
        return file.read(archive.MOST_BYTES + 1)


def _anew(proven: Proven) -> bytes:
    try:
        return chronology.render(proven)
    except (CaseworkError, ValueError, OverflowError, RecursionError) as error:
        fail(f"This version cannot read all events, and writes no chronology: {error}", OTHER_WRITER)


def _told(proven: Proven, given: list[Verifier], *, stamped: bool) -> Iterator[str]:
    count, head = len(proven.parts.documents), proven.head
    events = counted(count, "event")
    yield f"{events} of case {proven.case}: in the ledger {head.origin}, byte for byte, none missing."
    for each in proven.ledger:
        whose = "the key that you gave" if each.key in given else "a key that came with the bundle"
        yield f"The ledger's tree of {counted(head.size, 'document')} is signed by {whose}: {each.key.short}"
    for each in proven.witnesses:
        whose = (
            ", with the key that you gave" if each.key in given else ", with a key that came with the bundle"
        )
        yield f"The witness {each.key.name} has seen it {_at(each)}{whose}: {each.key.short}"
    if proven.stamped_at:
        how = "by the authority that you gave" if stamped else "or so it says: check it with --authority"
        yield f"It was time-stamped on {in_words(proven.stamped_at)}, {how}."
    if not given:
        yield "Nobody else vouches for these keys: get them from elsewhere, and give them with --key."


def _said(
    proven: Proven, given: list[Verifier], unlike: OtherWriter | None, *, stamped: bool
) -> dict[str, Any]:
    stamp = {"time": text(proven.stamped_at), "given": stamped} if proven.stamped_at else None
    return {
        "verified": unlike is None,
        "proven": True,
        "case": proven.case,
        "events": len(proven.parts.documents),
        "origin": proven.head.origin,
        "size": proven.head.size,
        "root": b64(proven.head.root),
        "signed_by": [_signed(each, given) for each in proven.ledger],
        "witnessed_by": [_signed(each, given) for each in proven.witnesses],
        "timestamp": stamp,
        "writer": proven.parts.writer,
        "what": str(unlike) if unlike else None,
    }


def _signed(signed: Signed, given: list[Verifier]) -> dict[str, Any]:
    at = text(datetime.fromtimestamp(signed.time, UTC)) if signed.time else None
    return {"key": str(signed.key), "given": signed.key in given, "time": at}


def _at(signed: Signed) -> str:
    return f"by {in_words(datetime.fromtimestamp(signed.time, UTC))}"


def _plain(said: str) -> str:
    """What a terminal shows as it is: a bundle comes from anybody, and names its case and keys at will."""
    return "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in said)
