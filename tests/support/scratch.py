"""Where a run of the tests writes: in memory where there is plenty, as it makes and removes a million files.

ext4 gives out no inode of a file that was removed in the last minute, and looks through all of them for one
that it may: a quarter of what the tests of a service cost went there, for the databases of others before.
"""

import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Final

_PREFIX: Final = "caseledger-tests-"
_MEMORY: Final = Path("/dev/shm")
_MEMINFO: Final = Path("/proc/meminfo")
_PLENTY: Final = 6 * 2**30
"""Bytes: several times what a run keeps at once."""
_FORGOTTEN: Final = 24 * 3600.0
"""Seconds after which nobody looks any more at what a run that failed has left in memory."""


def make() -> str:
    """A new directory, in which everything that this run and its commands call temporary is from here on."""
    made = tempfile.mkdtemp(prefix=_PREFIX, dir=_MEMORY if _has_plenty() else None)
    os.environ["TMPDIR"] = tempfile.tempdir = made
    return made


def of_this_run() -> Path | None:
    """The directory that `make` made, for this process or the one that started it; None without one."""
    found = Path(tempfile.gettempdir())
    return found if found.name.startswith(_PREFIX) else None


def _has_plenty() -> bool:
    try:
        _remove_forgotten()
        fields = dict(line.split(":") for line in _MEMINFO.read_text().splitlines())
        available = int(fields["MemAvailable"].split()[0]) * 1024
        return min(available, shutil.disk_usage(_MEMORY).free) >= _PLENTY
    except (OSError, KeyError):
        return False


def _remove_forgotten() -> None:
    for left in _MEMORY.glob(f"{_PREFIX}*"):
        if time.time() - left.stat().st_mtime > _FORGOTTEN:
            shutil.rmtree(left, ignore_errors=True)
