"""The command line: `caseledger`, or `python -m services.cli`."""

import sys

import asyncpg

from services.cli import commands
from services.cli.terminal import say
from services.cli.token_file import to_the_front
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


def main() -> None:
    """Run the command line; what the user can mend is said in a message, without a traceback."""
    logs.configure("caseledger", "console", "warning")
    try:
        arguments = to_the_front(sys.argv[1:])
        commands.load(*arguments)(arguments)
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
