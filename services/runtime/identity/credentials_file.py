"""The file of fixed credentials: the services' own keys, and the first operator's. It holds no secrets.

A line a key: its id, the SHA-256 of its token, the client's name, its roles (with commas between) and, if it
is bound to one, the `source` of its events. Empty lines, and those that begin with `#`, are passed over.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from services.domain.principal import Role
from services.runtime.identity.credential import Credential
from services.runtime.identity.token import KEY_ID

FIELDS: Final = range(4, 6)
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class BadCredentials(ValueError):
    """A line of the file is none. The message names its number, and never quotes it."""


def read(path: Path) -> list[Credential]:
    """The credentials of a file. Raises `BadCredentials`, and `OSError` where it cannot be read."""
    found = list(_credentials(path.read_text().splitlines()))
    ids = [each.key_id for each in found]
    if twice := next((key_id for key_id in ids if ids.count(key_id) > 1), None):
        raise BadCredentials(f"the key {twice} stands there twice")
    return found


def lines(credentials: Iterable[Credential]) -> str:
    """The same as it is written."""
    return "".join(
        " ".join(
            filter(
                None, [each.key_id, each.sha256, each.client, ",".join(sorted(each.roles)), each.source or ""]
            )
        )
        + "\n"
        for each in credentials
    )


def _credentials(written: Iterable[str]) -> Iterator[Credential]:
    for number, line in enumerate(written, 1):
        fields = line.split()
        if not fields or fields[0].startswith("#"):
            continue
        try:
            yield _credential(fields)
        except ValueError as error:
            raise BadCredentials(f"line {number}: {error}") from None


def _credential(fields: list[str]) -> Credential:
    if len(fields) not in FIELDS:
        raise ValueError("write an id, a SHA-256, a client, roles and perhaps a source")
    key_id, digest, client, roles, *source = fields
    if not re.fullmatch(KEY_ID, key_id):
        raise ValueError("a key's id has lower-case letters, digits and hyphens, at most 40")
    if not _SHA256.fullmatch(digest):
        raise ValueError("a SHA-256 has 64 hexadecimal digits, in lower case")
    return Credential(
        key_id=key_id,
        sha256=digest,
        client=client,
        roles=frozenset(_role(name) for name in roles.split(",")),
        source=source[0] if source else None,
    )


def _role(name: str) -> Role:
    try:
        return Role(name)
    except ValueError:
        raise ValueError(f"the roles are {', '.join(Role)}") from None
