"""The command line: `caseledger`, or `python -m services.cli`."""

import sys

import asyncpg
import typer

from services.cli import calendar, clock, projections, schemas, signing_key, witness
from services.cli.backlog.command import import_
from services.cli.demo import demo
from services.cli.down import down
from services.cli.evidence import commands as evidence
from services.cli.migrate import migrate
from services.cli.replay import replay
from services.cli.run import run
from services.cli.serve import serve
from services.cli.status import status
from services.cli.terminal import say
from services.cli.up import up
from services.cli.verify import verify
from services.runtime import logs
from services.runtime.client import Declined, LedgerError
from services.runtime.clock import ClockSettingError
from services.runtime.migrations import MigrationChanged
from services.runtime.settings import SettingsError
from services.stack.errors import StackError

EXPECTED = (
    StackError,
    ClockSettingError,
    LedgerError,
    MigrationChanged,
    asyncpg.InvalidAuthorizationSpecificationError,  # a wrong password among them
    asyncpg.InvalidCatalogNameError,  # no such database
    asyncpg.InsufficientPrivilegeError,
)
"""What a user can do something about, beside their settings: one clear message, no traceback."""

app = typer.Typer(
    name="caseledger",
    help="An event-sourced case ledger for a local authority's Children's Social Care.",
    epilog="Begin with `caseledger up`, or `caseledger demo`. Every command has a --help with examples.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["--help", "-h"]},
)
app.command()(up)
app.command()(down)
app.command()(status)
# What follows the command's name is the command's own, its options too, with or without a `--`.
app.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})(run)
app.command()(demo)
app.command()(replay)
app.command("import")(import_)
app.command()(verify)
app.command()(serve)
app.command()(migrate)
app.add_typer(clock.app, name="clock")
app.add_typer(projections.app, name="projections")
app.add_typer(calendar.app, name="calendar")
app.add_typer(evidence.app, name="evidence")
app.add_typer(schemas.app, name="schemas")
app.add_typer(signing_key.app, name="signing-key")
app.add_typer(witness.app, name="witness")


def main() -> None:
    """Run the command line; what the user can mend is said in a message, without a traceback."""
    logs.configure("caseledger", "console", "warning")
    try:
        app()
    except SettingsError as error:
        for fault in error.faults:
            say(f"caseledger: {fault}")
        sys.exit(1)
    except EXPECTED as error:
        say(f"caseledger: {in_full(error) if isinstance(error, Declined) else error}")
        sys.exit(1)


def in_full(error: Declined) -> str:
    """What the ledger said when it declined: what is wrong, and every fault on a line of its own."""
    faults = [
        f"  {fault.get('parameter') or fault.get('pointer') or 'request'}: {fault.get('message')}"
        for fault in error.members.get("faults", ())
    ]
    said = error.detail or error.members.get("title") or "no reason was given"
    return "\n".join([f"the ledger answered {error}: {said}", *faults])


if __name__ == "__main__":
    main()
