"""Links that open one page without a login, for as long as they last: for whoever was sent one.

What is signed is the path, the query and the end, with a key that the notifier, which sends links, and the
projector, which opens them, share. Nobody makes one for another page of what they were sent.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from hmac import digest as hmac
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from services.domain.principal import Principal, Role
from services.runtime.identity.bearer import token_in

LASTS: Final = timedelta(days=30)
LEAST: Final = 32
"""Characters of a key: what is shorter was typed by somebody, not made at random."""
SIGNATURE: Final = "signature="
EXPIRES: Final = "expires="
BEARER_OF_A_LINK: Final = Principal(who="link", roles=frozenset({Role.CASEWORKER}))
"""Who opens a link is not known: they see the one page that it is signed for, and no restricted case."""


class Links:
    """Signs and opens links. `key` is the secret."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def sign(self, address: str, now: datetime) -> str:
        """The address, a path and perhaps a query, with its end and its signature."""
        path, _, query = address.partition("?")
        until = f"{EXPIRES}{int((now + LASTS).timestamp())}"
        signed = f"{query}&{until}" if query else until
        return f"{path}?{signed}&{SIGNATURE}{self._mark(unquote(path), signed)}"

    def open(self, path: str, query: str, now: datetime) -> str | None:
        """What of the query is the page's, of a link that is whole and not over; else None."""
        signed, _, mark = query.rpartition(f"&{SIGNATURE}")
        asked, _, until = signed.rpartition(EXPIRES)
        whole = compare_digest(mark.encode(), self._mark(path, signed).encode())
        if not whole or not until.isdecimal() or now.timestamp() >= int(until):
            return None
        return asked.removesuffix("&")

    def _mark(self, path: str, signed: str) -> str:
        return hmac(self._key, f"{path}\n{signed}".encode(), sha256).hex()


def links_of(key_file: str | None) -> Links | None:
    """Those of the key in a file. Raises `OSError`, and `ValueError` for what is no key."""
    if key_file is None:
        return None
    key = token_in(Path(key_file))
    if len(key) < LEAST:
        raise ValueError(f"a key has at least {LEAST} characters, made at random")
    return Links(key)
