"""Say whether processes of this machine are still there, and start the command line as a user would."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.support.until import until

_ROOT = Path(__file__).parents[2]


def alive(pid: int) -> bool:
    """Whether `pid` is a process that has not ended; one that only waits to be reaped has."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def environment_of(pid: int) -> bytes:
    """What `pid` is seen to have been started with."""
    return Path(f"/proc/{pid}/environ").read_bytes()


def parent_of(pid: int) -> int:
    """The process that reaps `pid`."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


async def until_gone(pids: Iterable[int], *, seconds: float = 20.0) -> None:
    """Return when none of `pids` is alive; raises `TimeoutError`."""
    watched = list(pids)
    await until(lambda: not any(map(alive, watched)), seconds)


def clean_environment(**given: str) -> dict[str, str]:
    """Our environment without the product's names, with the checkout on Python's path."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CASELEDGER_")}
    return {**kept, "PYTHONPATH": str(_ROOT), **given}


def start_caseledger(
    *arguments: str, cwd: Path, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    """Start `caseledger ARGUMENTS` in `cwd`, its output to be read as text."""
    return subprocess.Popen(
        [sys.executable, "-m", "services.cli", *arguments],
        cwd=cwd,
        env=clean_environment(**(environment or {})),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_mind_interrupts,  # noqa: PLW1509 - one call between fork and exec, and it takes no lock
    )


def _mind_interrupts() -> None:
    """As in a terminal: a shell that runs the tests in the background has every child ignore SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
