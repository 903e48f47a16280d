"""`caseledger sar CASE -o FILE.zip`, and `caseledger sar approve CASE REQUEST`: both are recorded."""

import asyncio
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import uuid4

import typer
from msgspec import json

from services.cli.files import put
from services.cli.groups import CaseOrCommand
from services.cli.sar import page
from services.cli.sar.holding import WHY, Holding, hold
from services.cli.target import DataOption, find
from services.cli.terminal import fail, print_json, say
from services.domain.errors import CaseworkError
from services.domain.events.shape import About
from services.evidence import archive
from services.runtime.client import LedgerClient, Receipt

SOURCE: Final = "/cli/sar"
PURPOSE: Final = "SUBJECT_ACCESS"

app = typer.Typer(
    name="sar",
    help="Answer a subject access request: `caseledger sar CASE -o FILE.zip`, then have it approved.",
    epilog="`sar CASE` takes `-o FILE`, `--request ID`, `--by WHO`, `--also WHOM`, `--data DIR` and "
    "`--json`: `caseledger sar make --help` explains them.",
    cls=CaseOrCommand,
    no_args_is_help=True,
)

Case = Annotated[str, typer.Argument(metavar="CASE", help="The case's id.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a script to read.")]


@app.command()
def make(  # noqa: PLR0913, PLR0917 - the options of a command
    case: Case,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", help="The archive to write; it must not exist yet."),
    ],
    request: Annotated[
        str | None, typer.Option("--request", metavar="ID", help="The request's id; one is made without it.")
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="WHO", help="Who prepares it, if not who the token is of.")
    ] = None,
    also: Annotated[
        list[About] | None,
        typer.Option(
            "--also", metavar="WHOM", help="Show what is about these, too: family, referrer, other."
        ),
    ] = None,
    data: DataOption = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Put together what is held about a child, less what is about others, for somebody else to approve.

    `caseledger sar CASE` is short for it. That you look is recorded, and so is what was withheld. The archive
    holds personal data: nobody is given it before it is approved.

    For example:

        caseledger sar 5b0c7a -o 5b0c7a.zip --request sar-17 --by records:1
    """
    if output.exists():
        fail(f"{output} is there already, and may have been approved. Name another file.")
    request_id = request or f"sar-{uuid4().hex[:12]}"
    holding, raw, receipt = asyncio.run(
        _make(find(data, "ledger"), case, request_id, by, frozenset(also or ()), output)
    )
    digest = sha256(raw).hexdigest()
    if as_json:
        said = {"file": str(output), "case": case, "request": request_id, "sha256": digest}
        print_json(
            {**said, "fields": holding.fields, "withheld": holding.counts, "position": receipt.position}
        )
        return
    events, fields = _count(len(holding.items), "event"), _count(holding.fields, "personal field")
    typer.echo(f"{output} holds {events} of case {case}: {fields}.")
    for about, count in holding.counts.items():
        say(f"Withheld: {count} {WHY[about]}.")
    say(f"Let another look: caseledger sar approve {case} {request_id} --by WHO --archive {output}")


@app.command()
def approve(  # noqa: PLR0913 - the options of a command
    case: Case,
    request: Annotated[str, typer.Argument(metavar="REQUEST", help="The request's id.")],
    by: Annotated[str, typer.Option("--by", metavar="WHO", help="The account of who looked it through.")],
    file: Annotated[
        Path,
        typer.Option(
            "--archive", metavar="FILE", help="The archive that was looked through.", dir_okay=False
        ),
    ],
    data: DataOption = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Say that an archive may be given out: somebody else than who made it has looked it through.

    For example:

        caseledger sar approve 5b0c7a sar-17 --by manager:2 --archive 5b0c7a.zip
    """
    try:
        digest = sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}.")
    event = {"request_id": request, "by": by, "archive_sha256": digest}
    receipt = asyncio.run(_append(find(data, "ledger"), case, "SubjectAccessApproved", event))
    if as_json:
        print_json({"case": case, "request": request, "sha256": digest, "position": receipt.position})
        return
    typer.echo(f"{file} is approved for request {request}: it may be given out.")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


async def _make(  # noqa: PLR0913, PLR0917 - what the command was told
    target: Any, case: str, request_id: str, by: str | None, also: frozenset[About], output: Path
) -> tuple[Holding, bytes, Receipt]:
    async with LedgerClient(target.ledger, source=SOURCE, token=target.token) as ledger:
        documents = await ledger.case_events(case, unseal="true", purpose=PURPOSE)
    if not documents:
        fail(f"Nothing is recorded of case {case}.")
    try:
        holding = hold(case, documents, also)
    except (CaseworkError, ValueError) as error:
        fail(f"Case {case} holds what this release cannot read ({error}): run the release that wrote it.")
    raw = archive.write(_members(holding, request_id))
    prepared = {
        "request_id": request_id,
        "archive_sha256": sha256(raw).hexdigest(),
        "through_version": holding.items[-1].record.caseversion,
        "fields": holding.fields,
        "withheld": [{"about": about, "fields": count} for about, count in holding.counts.items()],
        **({"by": by} if by else {}),
    }
    put(output, raw)
    # A crash here leaves an archive that nobody can approve: make another one.
    try:
        return holding, raw, await _append(target, case, "SubjectAccessPrepared", prepared)
    except BaseException:
        output.unlink(missing_ok=True)  # noqa: ASYNC240 - nothing else runs
        raise


def _members(holding: Holding, request_id: str) -> dict[str, bytes]:
    return {
        "index.html": page.render(holding, request_id),
        "record.json": json.format(json.encode([item.document for item in holding.items])) + b"\n",
        "withheld.json": json.format(json.encode(holding.withheld)) + b"\n",
    }


async def _append(target: Any, case: str, name: str, event: dict[str, Any]) -> Receipt:
    async with LedgerClient(target.ledger, source=SOURCE, token=target.token) as ledger:
        return await ledger.append(case, {"type": name, "data": event})
