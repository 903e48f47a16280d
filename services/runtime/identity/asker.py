"""For whom the request at hand is answered: told by the gate, asked where rows are read.

Nothing in between hands it on, so nothing can forget to. Outside of any request, nobody asks.
"""

from contextvars import ContextVar

from services.domain.principal import NOBODY, Principal

_asker: ContextVar[Principal] = ContextVar("asker", default=NOBODY)


def asker() -> Principal:
    """Who asks what is being answered now."""
    return _asker.get()


def remember(principal: Principal) -> None:
    """Say who asks from here on, in this request and no other."""
    _asker.set(principal)
