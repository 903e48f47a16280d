"""`caseledger erase CASE`: destroy the key of a case, so that nobody can ever read what was sealed of it."""

from typing import Annotated, Any, Final
from urllib.parse import quote

import httpx
import typer

from services.cli.target import DataOption, find
from services.cli.terminal import fail, print_json, print_rows
from services.domain.events.forgetting import ErasureBasis
from services.runtime.identity.bearer import bearer
from services.runtime.tls import authorities_for
from services.stack.layout import Target

PATIENCE: Final = 30.0
NOT_KNOWN: Final = (
    "How far it came is not known: give the same command again, and it goes on where it stopped."
)


def erase(  # noqa: PLR0913, PLR0917 - the options of a command
    case: Annotated[str, typer.Argument(metavar="CASE", help="The case's id.")],
    basis: Annotated[
        ErasureBasis,
        typer.Option("--basis", metavar="BASIS", help="Why; only RETENTION waits until it is due."),
    ],
    authority: Annotated[
        str,
        typer.Option("--authority", metavar="CODE", help="On whose authority, such as DPO."),
    ],
    by: Annotated[str, typer.Option("--by", metavar="WHO", help="The account of who decided it.")],
    reference: Annotated[
        str | None, typer.Option("--reference", metavar="ID", help="Where the papers on it are.")
    ] = None,
    data: DataOption = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether it is meant.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a script to read.")] = False,
) -> None:
    """Erase a case: its data key is destroyed, and nothing personal of it can be read or added any more.

    Codes and dates stay, and so does every proof. It cannot be undone. A case that is under a legal hold, or
    not due yet, is refused. Given again, it goes on where it stopped.

    For example:

        caseledger erase 5b0c7a --basis RETENTION --authority DPO --by records:1
    """
    if not yes:
        _confirm(case)
    asked = {"authority": authority, "basis": basis.value, "decided_by": by}
    found = _ask(find(data, "ledger"), case, asked | ({"reference": reference} if reference else {}))
    if as_json:
        print_json(found)
        return
    print_rows({name.replace("_", " "): str(value) for name, value in found.items() if value is not None})


def _confirm(case: str) -> None:
    try:
        typer.confirm(f"Erase case {case} for good?", abort=True, err=True)
    except typer.Abort:
        fail("Nothing was erased. Where nobody can answer, say `--yes`.")


def _ask(target: Target, case: str, asked: dict[str, str]) -> dict[str, Any]:
    url, headers = target.ledger, bearer(target.token)
    path = f"{url}/v1/cases/{quote(case, safe='')}/erasure"
    try:
        answer = httpx.post(
            path, json=asked, headers=headers, timeout=PATIENCE, trust_env=False, verify=authorities_for(url)
        )
    except httpx.HTTPError as error:
        fail(f"The ledger at {url} does not answer ({type(error).__name__}). {NOT_KNOWN}")
    told: dict[str, Any] = answer.json()
    if answer.is_server_error:
        fail(f"{told.get('detail', answer.status_code)} {NOT_KNOWN}")
    if answer.is_error:
        faults = "; ".join(f"{each.get('pointer')}: {each.get('message')}" for each in told.get("faults", ()))
        fail(f"Not erased: {faults or told.get('detail') or told.get('title')}")
    return told
