"""The key-encryption key of a stack: made once, for its owner's eyes only, and never made anew."""

import secrets
from base64 import b64encode
from pathlib import Path
from typing import Final

from services.stack import private
from services.stack.errors import StackError
from services.stack.settings import Settings

KEY_BYTES: Final = 32
NO_KEY: Final = (
    "With a database of your own, set CASELEDGER_KEY_ENCRYPTION_KEY_FILE: a file with the key that personal "
    "data are sealed under, a line `<id> <key>`, such as `2026-11 $(openssl rand -base64 32)`. Keep it: one "
    "of the stack's would be lost with its data directory, and with it everything personal in that database."
)


def key_file(path: Path) -> Path:
    """The file of the key that a stack wraps its data keys with, made if it is not there."""
    if not path.exists():
        private.write(path, f"{make()}\n")
    return path


def file_of(given: Settings, own: Path) -> str | None:
    """The file that was named; without any key, one that stays with an embedded database, in `own`."""
    if given.database_url or _is_given(given):
        return given.key_encryption_key_file
    return str(key_file(own))


def refuse_to_seal_with_nothing(given: Settings) -> None:
    """Raises `StackError` where a key of the stack's would be lost, and with it what others keep."""
    if given.database_url and not _is_given(given):
        raise StackError(NO_KEY)


def _is_given(given: Settings) -> bool:
    return bool(given.key_encryption_key or given.key_encryption_key_file or given.key_encryption_service_url)


def make() -> str:
    """A new key, as its line is written; no other has its id."""
    return f"{secrets.token_hex(4)} {b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"
