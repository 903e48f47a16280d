"""`caseledger keys`: who may ask the services, and what for."""

from pathlib import Path
from typing import Annotated

import typer

from services.cli.terminal import say
from services.domain.principal import Role
from services.stack import credentials
from services.stack.layout import Layout

app = typer.Typer(help="Make the keys with which systems ask the services.", no_args_is_help=True)


@app.callback()
def keys() -> None:
    """Make the keys with which systems ask the services."""


@app.command()
def prepare(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where `credentials` and `tokens` are put; made if need be.")
    ],
) -> None:
    """Make what services need for a first start: their own keys, and a first operator's.

    `DIR/credentials`, which has no secrets, is what CASELEDGER_CREDENTIALS_FILE of every service names; the
    files in `DIR/tokens` are for the projector, the notifier and the operator, each with its own. What is
    there already is kept. A stack of `caseledger up` makes its own.

    For example:

        caseledger keys prepare /etc/caseledger
    """
    layout = Layout(directory)
    credentials.provide(
        layout, roles={**credentials.OF_SERVICES, credentials.OPERATOR: frozenset({Role.OPERATOR})}
    )
    say(f"{layout.credentials} says whom to let in; the tokens are in {layout.tokens}.")
