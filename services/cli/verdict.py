"""What verifying ends with: 0 if all is right, 1 if something is not what it was, 2 if nobody can say."""

from typing import Final

WRONG: Final = 1
UNKNOWN: Final = 2


class Unverified(Exception):
    """It could not be verified, which says nothing of the ledger; the message says why, and what to do."""


def reason(error: Exception) -> str:
    """Why a file cannot be used, after its name."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file or directory"
    if isinstance(error, UnicodeDecodeError):
        return "it is no text (UTF-8)"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error)
