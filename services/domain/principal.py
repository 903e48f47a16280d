"""Who asks: an authenticated account, what it may be, and whether it may speak for others."""

from enum import StrEnum
from typing import Final

from msgspec import Struct


class Role(StrEnum):
    """What somebody is to the ledger. The services' own come last: nobody can be granted one of those."""

    RECORDER = "recorder"
    CASEWORKER = "caseworker"
    MANAGER = "manager"
    IRO = "iro"
    AUDITOR = "auditor"
    REPORTER = "reporter"
    OPERATOR = "operator"
    NOTIFIER = "notifier"
    PROJECTOR = "projector"
    LEDGER = "ledger"


Roles = frozenset[Role]
OF_SERVICES: Final = frozenset({Role.NOTIFIER, Role.PROJECTOR, Role.LEDGER})
GRANTABLE: Final = frozenset(Role) - OF_SERVICES


class Principal(Struct, frozen=True, kw_only=True):
    """Who asks, as authentication found it.

    `is_system`: a client system, which may name the person on whose behalf it posts; a person may not.
    `source` is the only one that its events may carry, `types` the only ones that it may post; None: any.
    """

    who: str
    roles: Roles
    is_system: bool = False
    source: str | None = None
    types: frozenset[str] | None = None
    teams: frozenset[str] = frozenset()

    @property
    def is_service(self) -> bool:
        """Whether it is one of the ledger's own services, which work on every case."""
        return bool(self.roles & OF_SERVICES)


NOBODY: Final = Principal(who="nobody", roles=frozenset())
"""Who asks without saying who it is, where that is no matter."""

EVERYBODY: Final = Principal(who="everybody", roles=frozenset(Role), is_system=True)
"""Whoever asks while authentication is off: may do all, and say any actor."""
