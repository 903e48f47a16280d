"""People's tokens: JWTs (RFC 7519) of one OpenID Connect provider, checked against the keys it publishes.

The algorithms are those that were configured, whatever a token says of itself; a key is looked up by its id
only. The provider is asked again for a key id that is not known, and after an hour, but never more often than
every `PAUSE` seconds: a flood of made-up key ids costs it nothing. Whoever has a token of a key that is known
never waits for it.
"""

import asyncio
import time
from typing import TYPE_CHECKING, Final

import structlog

from services.domain.principal import Principal
from services.runtime.clock import Clock, SystemClock
from services.runtime.identity import claims, published
from services.runtime.identity.claims import Trust
from services.runtime.logs import named

if TYPE_CHECKING:
    from joserfc import jwk

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

PAUSE: Final = 30.0
FRESH: Final = 3_600.0
"""Seconds, after which the keys are asked for again even if all that are used are known."""
ASYMMETRIC: Final = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA", "Ed25519"}
)
"""What may be configured: with any other, who can check a token could make one."""


class Provider:
    """Says who a token is of. Its keys are fetched when they are first needed."""

    def __init__(self, trust: Trust, clock: Clock | None = None) -> None:
        self._trust = trust
        self._clock = clock or SystemClock()
        self._keys: published.Keys = {}
        self._asked_at: float | None = None
        self._had_at: float | None = None
        self._asking = asyncio.Lock()
        self._refreshing: asyncio.Task[None] | None = None

    async def find(self, token: str) -> Principal | None:
        """Whose token it is; None of one that does not count, for whatever reason."""
        key_id = claims.key_id_of(token, self._trust)
        key = None if key_id is None else await self._key(key_id)
        return claims.read(token, key, self._trust, self._clock.now()) if key else None

    async def _key(self, key_id: str) -> "jwk.Key | None":
        if key_id not in self._keys:
            await self._refresh()
        elif self._are_stale() and (self._refreshing is None or self._refreshing.done()):
            self._refreshing = asyncio.create_task(self._refresh())
        return self._keys.get(key_id)

    def _are_stale(self) -> bool:
        return self._had_at is None or time.monotonic() - self._had_at > FRESH

    async def _refresh(self) -> None:
        """Ask for the keys, unless that was done just now; while the provider is away, those known stay."""
        async with self._asking:
            if self._asked_at is not None and time.monotonic() - self._asked_at < PAUSE:
                return
            self._asked_at = time.monotonic()
            try:
                self._keys = await published.ask(self._trust)
                self._had_at = time.monotonic()
            except published.AWAY as error:
                log.warning("provider.away", error=named(error))
