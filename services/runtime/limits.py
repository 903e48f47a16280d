"""What one client may ask for, so that none starves the others: requests a second, and streams at once."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import msgspec
from litestar.types import Scope

from services.domain.principal import EVERYBODY, NOBODY, Principal
from services.runtime.problems import RATE_LIMITED, Kind, Problem

BURST: Final = 2.0  # seconds' worth of requests that a client who was quiet may send at once
MOST_CLIENTS: Final = 10_000  # that are remembered
ALL_CLIENTS: Final = 8  # times what one may have: all streams at once

TOO_MANY_STREAMS: Final = Kind(
    "too-many-streams",
    "There are too many replays and live tails at once",
    429,
    "End one that you no longer need, or ask again after `Retry-After` seconds.",
)


class Limits(msgspec.Struct, frozen=True):
    """What one client may ask for. A `rate` of 0 is no limit."""

    rate: int = 1000
    streams: int = 16


class Buckets:
    """A bucket of requests for each client, filled `rate` times a second.

    One number a client: when its bucket will be full again. A client whose bucket is full is forgotten.
    """

    def __init__(self, rate: float, *, now: Callable[[], float] = time.monotonic) -> None:
        self._each = 1 / rate if rate else 0.0
        self._now = now
        self._full_at: dict[str, float] = {}

    def take(self, client: str) -> float:
        """Take one; gives 0, or after how many seconds there will be one."""
        now = self._now()
        full_at = max(self._full_at.get(client, 0.0), now) + self._each
        if (over := full_at - now - BURST) > 0:
            return over
        if len(self._full_at) >= MOST_CLIENTS and client not in self._full_at:
            self._forget(now)
        self._full_at[client] = full_at
        return 0.0

    def _forget(self, now: float) -> None:
        kept = {client: full_at for client, full_at in self._full_at.items() if full_at > now}
        # So many busy clients are one client that takes many names: then nobody's count is worth keeping.
        self._full_at = kept if len(kept) < MOST_CLIENTS else {}

    def check(self, client: str) -> None:
        """Take one, or raise the problem that says when there will be one."""
        if wait := self.take(client):
            raise Problem(RATE_LIMITED, headers={"Retry-After": str(math.ceil(wait))})


class Places:
    """The streams that are being answered, by client."""

    def __init__(self, each: int) -> None:
        self._each = each
        self._taken: dict[str, int] = {}

    @contextmanager
    def one_of(self, client: str) -> Iterator[None]:
        """Have one within, or raise the problem that there is none."""
        mine = self._taken.get(client, 0)
        if mine >= self._each or sum(self._taken.values()) >= self._each * ALL_CLIENTS:
            raise Problem(TOO_MANY_STREAMS, headers={"Retry-After": "5"})
        self._taken[client] = mine + 1
        try:
            yield
        finally:
            self._taken[client] -= 1
            if not self._taken[client]:
                del self._taken[client]


def client_of(scope: Scope) -> str:
    """Whose request it is: the account that was let in; where none was, the address that it comes from."""
    user = scope.get("user")
    if isinstance(user, Principal) and user not in (NOBODY, EVERYBODY):
        return user.who
    client = scope["client"]
    return client[0] if client else ""
