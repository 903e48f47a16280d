"""Which version this is: what `--version` prints, and what stands on the pages that are made here."""

from functools import cache
from typing import Annotated

import typer

from services.runtime.product import PRODUCT, version


@cache
def named() -> str:
    """The product and its version, such as "caseledger 1.4.0"."""
    return f"{PRODUCT} {version()}"


def _show(asked: bool) -> None:  # noqa: FBT001 -- an option's callback is given its value so
    if asked:
        typer.echo(named())
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=_show, is_eager=True, help="Show the version and exit.")
]
