"""What admission says of an event."""

from msgspec import Struct

from services.domain.events import AnyEvent


class Admitted(Struct, frozen=True):
    """Record `event` (with what the ledger set in it), under these flags."""

    event: AnyEvent
    flags: tuple[str, ...] = ()


class Refused(Struct, frozen=True):
    """Do not record it: the rule that it breaks, why, and a JSON pointer to the field concerned."""

    rule: str
    reason: str
    at: str
