"""Files that a command leaves behind: whole or not at all, and readable by their owner only."""

import os
import tempfile
from pathlib import Path

from services.cli.terminal import fail
from services.cli.verdict import reason


def put(path: Path, content: bytes, otherwise: int = 1) -> None:
    """Write a file whole, or leave none and end with the status for `otherwise`."""
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as new:
            try:
                new.write(content)
                new.flush()
                os.fsync(new.fileno())
                Path(new.name).replace(path)
            except BaseException:
                Path(new.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        fail(f"{path} cannot be written: {reason(error)}.", otherwise)
