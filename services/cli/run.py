"""`caseledger run -- COMMAND`: a throw-away stack around one command."""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from services.cli import interrupts
from services.cli.interrupts import Interruption
from services.cli.terminal import fail, say
from services.cli.up import ClockOption, LedgerPort, NotifierPort, ProjectorPort, chosen_settings
from services.stack.child import die_with_parent
from services.stack.layout import Layout, is_held
from services.stack.orphans import adopt_orphans, end_orphans
from services.stack.service import LEDGER, NOTIFIER, PROJECTOR
from services.stack.settings import Settings
from services.stack.stack import Stack

NOT_EXECUTABLE: Final = 126
NOT_FOUND: Final = 127
GRACE: Final = 5.0
"""Seconds that an interrupted command has before it is told again, and then killed."""

_PREFIX = "caseledger-run-"
_ABANDONED_AFTER = 60.0


def run(  # noqa: PLR0913 -- one parameter for each option
    command: Annotated[
        list[str], typer.Argument(metavar="-- COMMAND", help="The command and its arguments.")
    ],
    clock: ClockOption = None,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="DIR", help="Keep the stack's data here; else they are thrown away."),
    ] = None,
    *,
    ledger_port: LedgerPort = 0,
    projector_port: ProjectorPort = 0,
    notifier_port: NotifierPort = 0,
) -> None:
    """Start a stack on free ports, run COMMAND, stop everything, and end with COMMAND's exit status.

    COMMAND finds the stack in its environment: CASELEDGER_LEDGER_URL, CASELEDGER_PROJECTOR_URL,
    CASELEDGER_NOTIFIER_URL, CASELEDGER_DATABASE_URL (the owner's), CASELEDGER_NATS_URL, CASELEDGER_SMTP_URL,
    CASELEDGER_MAILDIR and CASELEDGER_DATA, and in CASELEDGER_TOKEN the token of an operator who may do
    everything. Postgres and NATS are always embedded here. Nothing is left behind, not even processes that
    COMMAND started and forgot.

    For example:

        caseledger run -- pytest tests/acceptance
        caseledger run --clock 2017-10-02T09:00:00Z -- caseledger clock show
    """
    # A stack of one's own: the servers that the environment names belong to somebody else.
    chosen = msgspec.structs.replace(chosen_settings(clock), database_url=None, nats_url=None, smtp_url=None)
    ports = {LEDGER: ledger_port, PROJECTOR: projector_port, NOTIFIER: notifier_port}
    adopt_orphans()
    try:
        with _directory(data) as directory:
            status = interrupts.run(lambda told: _run(command, Layout(directory), chosen, ports, told))
            end_orphans()
    except FileNotFoundError as error:
        fail(f"{error.filename}: there is no such command.", NOT_FOUND)
    except PermissionError as error:
        fail(f"{error.filename}: this cannot be executed.", NOT_EXECUTABLE)
    raise typer.Exit(status)


async def _run(
    command: list[str], layout: Layout, chosen: Settings, ports: dict[str, int], told: Interruption
) -> int:
    program = shutil.which(command[0])
    if program is None and os.sep not in command[0]:
        raise FileNotFoundError(2, "no such command", command[0])
    async with Stack(layout, chosen, ports=ports, say=say) as stack:
        process = await asyncio.create_subprocess_exec(
            *command,
            executable=program,
            env={**os.environ, **stack.urls.environment(layout.data)},
            preexec_fn=die_with_parent(signal.SIGKILL),
        )
        try:
            status = await process.wait()
        except asyncio.CancelledError:
            status = await _interrupt(process, told)
        if status >= 0:
            return status
        return 128 + (told.signal or -status)


async def _interrupt(process: asyncio.subprocess.Process, told: Interruption) -> int:
    """Hand the signal on, and insist when the command does not end by it."""
    # Ctrl-C reaches everybody in the terminal's foreground by itself; twice would cut a clean-up short.
    heard = told.signal is signal.SIGINT and sys.stdin.isatty()
    for sig in (None if heard else told.signal, signal.SIGTERM, signal.SIGKILL):
        if sig is not None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(sig)
        with contextlib.suppress(TimeoutError):
            return await asyncio.wait_for(process.wait(), GRACE)
    return await process.wait()


@contextlib.contextmanager
def _directory(kept: Path | None) -> Iterator[Path]:
    """The data directory: the one to keep, or a temporary one that is removed."""
    if kept is not None:
        yield kept.expanduser().resolve()
        return
    _sweep()
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as directory:
        yield Path(directory).resolve()


def _sweep() -> None:
    """Remove what runs that were ended by `kill -9` could not remove: no stack lives there any more."""
    for directory in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            status = directory.stat()
            old = time.time() - status.st_mtime > _ABANDONED_AFTER
            if old and status.st_uid == os.geteuid() and not is_held(Layout(directory)):
                shutil.rmtree(directory)
