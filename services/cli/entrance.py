"""Where every command begins, and how it ends when something is wrong that the user can mend."""

import sys

from services.cli import commands
from services.cli.terminal import say
from services.cli.token_file import to_the_front
from services.runtime import launch, logs


def main() -> None:
    """Run the command line; what the user can mend is said in a message, without a traceback."""
    logs.configure("caseledger", "console", "warning")
    try:
        arguments = to_the_front(sys.argv[1:])
        commands.load(*arguments)(arguments)
    except Exception as error:
        # What it may be is loaded only now: most commands go well.
        said = launch.load("services.cli.trouble").said_of(error)
        if said is None:
            raise
        for line in said:
            say(f"caseledger: {line}")
        sys.exit(1)
