"""Every command of the command line and where it is: whoever runs one waits for no other's imports."""

from collections.abc import Iterable
from typing import Any, Final

import typer

from services.cli.token_file import TokenFile, choose, command_in
from services.cli.version import Version
from services.runtime import launch

COMMANDS: Final = {
    "up": "up:up",
    "down": "down:down",
    "status": "status:status",
    "run": "run:run",
    "demo": "demo:demo",
    "replay": "replay:replay",
    "import": "backlog.command:import_",
    "verify": "verify:verify",
    "serve": "serve:serve",
    "migrate": "migrate:migrate",
    "clock": "clock:app",
    "keys": "keys:app",
    "projections": "projections:app",
    "looks": "looks:looks",
    "retention": "retention:app",
    "erase": "erase:erase",
    "sar": "sar.commands:app",
    "calendar": "calendar:app",
    "evidence": "evidence.commands:app",
    "schemas": "schemas:app",
    "signing-key": "signing_key:app",
    "data-keys": "data_keys:app",
    "witness": "witness:app",
}
"""Each with its module, below this package, and what in it is the command, or the group of commands."""

# What follows the command's name is the command's own, its options too, with or without a `--`.
_SETTINGS: Final[dict[str, dict[str, Any]]] = {
    "run": {"ignore_unknown_options": True, "allow_interspersed_args": False}
}


def load(*arguments: str) -> typer.Typer:
    """The command line for these arguments: with the command that they begin with, or else with all.

    With none where they ask for the version only.
    """
    app = typer.Typer(
        name="caseledger",
        help="An event-sourced case ledger for a local authority's Children's Social Care.",
        epilog="Begin with `caseledger up`, or `caseledger demo`. Every command has a --help with examples.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    app.callback()(_of_every_command)  # without one, one command alone would not be asked for by its name
    asked = command_in(arguments)
    for name in _needed(asked):
        module, _, attribute = COMMANDS[name].partition(":")
        found = getattr(launch.load(f"services.cli.{module}"), attribute)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name, context_settings=_SETTINGS.get(name))(found)
    return app


def _needed(asked: str) -> Iterable[str]:
    if asked == "--version":
        return ()
    return (asked,) if asked in COMMANDS else COMMANDS


def _of_every_command(*, token_file: TokenFile = None, version: Version = False) -> None:  # noqa: ARG001 -- shows itself
    choose(token_file)
