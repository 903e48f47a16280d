"""The key-encryption key of a stack: made once, for its owner's eyes only, and never made anew."""

import secrets
from base64 import b64encode
from pathlib import Path
from typing import Final

from services.stack import private

KEY_BYTES: Final = 32


def key_file(path: Path) -> Path:
    """The file of the key that a stack wraps its data keys with, made if it is not there."""
    if not path.exists():
        private.write(path, f"{make()}\n")
    return path


def make() -> str:
    """A new key, as its line is written; no other has its id."""
    return f"{secrets.token_hex(4)} {b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"
