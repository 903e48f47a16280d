"""Bearer tokens of client systems: `cl_<key id>_<43 characters>`, of which only the SHA-256 is ever kept."""

import re
import secrets
from hashlib import sha256
from typing import Final

SECRET_BYTES: Final = 32
KEY_ID: Final = r"[a-z0-9][a-z0-9-]{0,39}"
_SHAPE: Final = re.compile(rf"cl_({KEY_ID})_[A-Za-z0-9_-]{{43}}")


def make(key_id: str) -> str:
    """A new token for a key: 256 random bits. Raises `ValueError` for an id that no token can carry."""
    if not re.fullmatch(KEY_ID, key_id):
        raise ValueError(f"{key_id!r} is no id of a key: lower-case letters, digits and hyphens, at most 40")
    return f"cl_{key_id}_{secrets.token_urlsafe(SECRET_BYTES)}"


def key_id_of(token: str) -> str | None:
    """The id of the key that a token says it is of; None for what is no token of this kind."""
    found = _SHAPE.fullmatch(token)
    return found[1] if found else None


def digest_of(token: str) -> str:
    """What is kept of a token, in hexadecimal. Of 256 random bits nobody guesses it back."""
    return sha256(token.encode()).hexdigest()
