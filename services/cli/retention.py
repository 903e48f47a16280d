"""`caseledger retention`: which cases are due to be erased, by which rule, and what holds them."""

from datetime import datetime
from typing import Annotated, Any

import typer

from services.cli.listing import items
from services.cli.target import DataOption, find
from services.cli.terminal import print_json, print_table, say

app = typer.Typer(name="retention", help="For how long cases are kept: what is due.", no_args_is_help=True)


@app.callback()
def retention() -> None:
    """For how long cases are kept: what is due."""


@app.command()
def due(
    data: DataOption = None,
    *,
    by: Annotated[
        datetime | None,
        typer.Option(
            "--by", metavar="DAY", formats=["%Y-%m-%d"], help="Due by this London date; today without it."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a script to read.")] = False,
) -> None:
    """List the cases whose time is up, by which rule, and the legal holds that stop it.

    For example:

        caseledger retention due --by 2027-03-31
    """
    query = {"due_by": f"{by:%Y-%m-%d}"} if by else {}
    found = items(find(data, "projector"), "/v1/retention", query)
    cases = sorted(found, key=lambda each: each["due_on"])
    if as_json:
        print_json(cases)
        return
    if cases:
        print_table(["Case", "Due", "Rule", "Basis", "Held by"], [_row(each) for each in cases])
    held = sum(bool(each["holds"]) for each in cases)
    say(f"{len(cases)} due, {held} of them held.")


def _row(case: dict[str, Any]) -> list[str]:
    rule = f"{case['rule']}, {case['years']} years from {case['start_on']}"
    return [case["case_id"], case["due_on"], rule, case["basis"].lower(), ", ".join(case["holds"])]
