"""For whom the request at hand is answered: told at the door, asked where rows are read.

Nothing in between hands it on, so nothing can forget to. Outside of any request, nobody asks.
"""

from contextvars import ContextVar
from typing import Any

from services.domain.principal import EVERYBODY, NOBODY, Principal

_asker: ContextVar[Principal] = ContextVar("asker", default=NOBODY)


def asker() -> Principal:
    """Who asks what is being answered now."""
    return _asker.get()


def principal_of(scope: Any) -> Principal:
    """Who sent a request, as authentication found it; everybody while nobody is authenticated."""
    found: Principal = scope.get("user") or EVERYBODY
    return found


async def remember(request: Any) -> None:
    """Be the `before_request` of routes whose answers depend on who asks."""
    _asker.set(principal_of(request.scope))
