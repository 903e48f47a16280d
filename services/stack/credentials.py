"""The keys of a stack's own: made on its first start, each token in a file for its owner's eyes only.

What a service is told of them is where the files are: no token is in an environment, a process list or a log.
"""

import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from services.domain.principal import GRANTABLE, Role, Roles
from services.runtime.identity import credentials_file, token
from services.runtime.identity.bearer import token_in
from services.runtime.identity.credential import Credential
from services.runtime.identity.credentials_file import BadCredentials
from services.stack import private
from services.stack.errors import StackError
from services.stack.layout import OPERATOR, Layout

FRONT_DOOR: Final = "front-door"
CASEWORK: Final = "casework"
OF_SERVICES: Final[dict[str, Roles]] = {
    "projector": frozenset({Role.PROJECTOR}),
    "notifier": frozenset({Role.NOTIFIER}),
}
"""Each may do what it needs, and no other."""
OF_A_STACK: Final[dict[str, Roles]] = {
    **OF_SERVICES,
    OPERATOR: GRANTABLE,
    FRONT_DOOR: frozenset({Role.RECORDER}),
    CASEWORK: frozenset({Role.CASEWORKER}),
}
"""Whoever may read a stack's data directory is its operator, and may do what anybody may whom they let in.

What records is one client, and what reads, unseals and breaks glass for people another: a front door's token
lies where anybody from outside comes by.
"""


def provide(layout: Layout, given: Path | None = None, *, roles: Mapping[str, Roles] = OF_A_STACK) -> None:
    """Make what is missing of the tokens, one for each name in `roles`, and the link key; say whom to let in.

    The credentials of `given`, and those that somebody has added to the file, are kept. Raises `StackError`.
    """
    # A crash on the way leaves tokens that nobody knows yet, and the next start makes them known.
    layout.tokens.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in roles:
        if not layout.token_of(name).exists():
            private.write(layout.token_of(name), token.make(name) + "\n")
    if not layout.link_key.exists():
        private.write(layout.link_key, f"{secrets.token_urlsafe(token.SECRET_BYTES)}\n")
    own = [_credential(name, token_in(layout.token_of(name)), allowed) for name, allowed in roles.items()]
    others = [
        each
        for path in filter(None, (given, layout.credentials if layout.credentials.exists() else None))
        for each in _read(path)
    ]
    private.write(layout.credentials, credentials_file.lines(_each_once([*own, *others])))


def _credential(name: str, secret: str, roles: Roles) -> Credential:
    return Credential(key_id=name, sha256=token.digest_of(secret), client=name, roles=roles)


def _read(path: Path) -> list[Credential]:
    try:
        return credentials_file.read(path)
    except (OSError, UnicodeDecodeError, BadCredentials) as error:
        raise StackError(f"{path} cannot be used: {error}.") from error


def _each_once(found: Iterable[Credential]) -> list[Credential]:
    """Of two keys with one id, the first."""
    return list({each.key_id: each for each in reversed(list(found))}.values())[::-1]
