"""The passwords of the embedded servers: made at random on the first start, kept for their owner's eyes."""

import os
import secrets
from pathlib import Path
from typing import Final

from msgspec import Struct, json

from services.stack.errors import StackError

OWNER: Final = "postgres"
SERVICES: Final = ("ledger", "projector", "notifier")


class Passwords(Struct, frozen=True):
    """By user: of Postgres its owner and the services' roles, of NATS its users."""

    postgres: dict[str, str]
    nats: dict[str, str]


NONE: Final = Passwords({}, {})


def kept(path: Path) -> Passwords:
    """What is in the file, which is made if it is not there."""
    try:
        found = json.decode(path.read_bytes(), type=Passwords)
    except FileNotFoundError:
        found = NONE
    except ValueError:
        raise StackError(f"{path} does not hold passwords: restore it, it is those of the data.") from None
    whole = Passwords(
        _all((OWNER, *SERVICES), found.postgres), _all((*SERVICES, "auditor", "operator"), found.nats)
    )
    if whole != found:
        write_private(path, json.format(json.encode(whole), indent=2))
    return whole


def write_private(path: Path, content: bytes) -> None:
    """Replace a file that only its owner may read, in one step: a crash leaves the former one."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def _all(users: tuple[str, ...], found: dict[str, str]) -> dict[str, str]:
    # A letter first: NATS would read one that looks like a number as a number.
    return {user: found.get(user) or f"p{secrets.token_hex(32)}" for user in users}
