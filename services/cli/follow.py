"""Show what is added to log files, as it is added."""

import asyncio
import contextlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NoReturn

POLL_SECONDS: Final = 0.05


async def follow(since: Mapping[Path, int]) -> NoReturn:
    """Print whole lines of each file after the given size in bytes, for ever.

    On a terminal each is marked with its file's name; elsewhere it is passed on as it is.
    """
    read = dict(since)
    while True:
        for file, size in read.items():
            read[file] = size + _print_new(file, size)
        await asyncio.sleep(POLL_SECONDS)


def _print_new(file: Path, start: int) -> int:
    """Print the whole lines after `start`, and return how many bytes they are."""
    try:
        with file.open("rb") as log:
            log.seek(start)
            added = log.read()
    except FileNotFoundError:
        return 0
    whole = added[: added.rfind(b"\n") + 1]
    mark = f"{file.stem:<9} │ " if sys.stdout.isatty() else ""
    with contextlib.suppress(OSError):
        for line in whole.decode(errors="replace").splitlines():
            sys.stdout.write(f"{mark}{line}\n")
        if whole:
            sys.stdout.flush()
    return len(whole)
