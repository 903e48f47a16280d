"""`caseledger down`: stop a stack that runs in the background."""

import contextlib
import os
import select
import signal
import sys
import time
from typing import Final

import typer

from services.cli.target import DataOption, layout_of
from services.cli.terminal import fail, say
from services.stack.layout import is_held, running

STOP_SECONDS: Final = 120.0
GONE_SECONDS: Final = 5.0
POLL_SECONDS: Final = 0.05


def down(data: DataOption = None) -> None:
    """Stop the stack on a data directory and return when all its processes are gone. The data stay.

    For example:

        caseledger down --data /var/lib/caseledger
    """
    layout = layout_of(data)
    record = running(layout)
    if record is None:
        if is_held(layout):
            fail("The stack is still starting; try again in a moment.")
        say(f"No stack is running on {layout.data}.")
        return
    # It holds the lock, so the number in its record is its own and nobody else's.
    os.kill(record.pid, signal.SIGTERM)
    give_up = time.monotonic() + STOP_SECONDS
    while is_held(layout):
        if time.monotonic() > give_up:
            fail(f"Process {record.pid} has not stopped; {layout.log_of('stack')} may say why.")
        time.sleep(POLL_SECONDS)
    _wait_until_gone(record.pid)
    typer.echo(f"Stopped. The data stay in {layout.data}.")


def _wait_until_gone(pid: int) -> None:
    """Wait for the last instants of a process that has let go of everything; one that nobody reaps stays."""
    give_up = time.monotonic() + GONE_SECONDS
    with contextlib.suppress(ProcessLookupError):
        if sys.platform == "linux":
            _wait_for_the_end(os.pidfd_open(pid))
            return
        while time.monotonic() < give_up:
            os.kill(pid, 0)
            time.sleep(POLL_SECONDS)


def _wait_for_the_end(handle: int) -> None:
    """Return when the process has ended, whether anybody reaps it or not."""
    ended = select.poll()
    ended.register(handle, select.POLLIN)
    ended.poll(GONE_SECONDS * 1_000)
    os.close(handle)
