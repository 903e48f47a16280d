"""Files for their owner's eyes only, written whole or not at all."""

import os
from pathlib import Path


def write(path: Path, text: str) -> None:
    """Put a text into a file that only its owner may read."""
    # A crash before the rename leaves what was there before.
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
