"""People's tokens: JWTs (RFC 7519) of one OpenID Connect provider, checked against the keys it publishes.

The algorithms are those that were configured, whatever a token says of itself; a key is looked up by its id
only. The provider is asked again for a key id that is not known, and after an hour, but never more often than
every `PAUSE` seconds: a flood of made-up key ids costs it nothing.
"""

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Final

import httpx
import structlog
from joserfc import jwk, jwt
from joserfc.errors import JoseError
from msgspec import DecodeError, Struct, json

from services.domain.principal import GRANTABLE, Principal, Role
from services.runtime.clock import Clock, SystemClock
from services.runtime.identity.unverified import header_of
from services.runtime.logs import named
from services.runtime.tls import authorities

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

PAUSE: Final = 30.0
FRESH: Final = 3_600.0
"""Seconds, after which the keys are asked for again even if all that are used are known."""
SILENCE: Final = 5.0
SKEW: Final = 60
"""Seconds by which the provider's clock may differ."""
LONGEST: Final = 16_384
"""Bytes of a token. Nobody's roles need more."""
LONGEST_ACCOUNT: Final = 120
"""Characters, all of them printable: what an event's `actor` can be."""
ASYMMETRIC: Final = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"}
)
"""What may be configured: with any other, who can check a token could make one."""


class Trust(Struct, frozen=True, kw_only=True):
    """Whose tokens count, for whom they must be made, and in which claims they say what is asked."""

    issuer: str
    audience: str
    algorithms: tuple[str, ...]
    jwks_url: str | None = None
    account: str = "sub"
    roles: str = "roles"
    teams: str = "teams"


class Provider:
    """Says who a token is of. Its keys are fetched when they are first needed."""

    def __init__(self, trust: Trust, clock: Clock | None = None) -> None:
        self._trust = trust
        self._clock = clock or SystemClock()
        self._keys: dict[str, jwk.Key] = {}
        self._asked_at: float | None = None
        self._asking = asyncio.Lock()

    async def find(self, token: str) -> Principal | None:
        """Whose token it is; None of one that does not count, for whatever reason."""
        key_id = self._key_id_of(token)
        key = None if key_id is None else await self._key(key_id)
        if key is None:
            return None
        try:
            claims = jwt.decode(token, key, algorithms=self._trust.algorithms).claims
            self._check(claims)
        except (JoseError, ValueError) as error:
            log.info("token.refused", error=named(error))
            return None
        return self._principal(claims)

    def _key_id_of(self, token: str) -> str | None:
        """The id of the key that it says it was signed with, if the algorithm is one that counts."""
        header = header_of(token) if len(token) <= LONGEST else None
        return header.kid if header and header.alg in self._trust.algorithms else None

    async def _key(self, key_id: str) -> "jwk.Key | None":
        stale = self._asked_at is None or time.monotonic() - self._asked_at > FRESH
        if key_id not in self._keys or stale:
            await self._refresh()
        return self._keys.get(key_id)

    async def _refresh(self) -> None:
        """Ask for the keys, unless that was done just now; while the provider is away, those known stay."""
        async with self._asking:
            if self._asked_at is not None and time.monotonic() - self._asked_at < PAUSE:
                return
            self._asked_at = time.monotonic()
            try:
                self._keys = await self._fetch()
            except (httpx.HTTPError, JoseError, DecodeError, ValueError, KeyError, TypeError) as error:
                log.warning("provider.away", error=named(error))

    async def _fetch(self) -> "dict[str, jwk.Key]":
        async with httpx.AsyncClient(timeout=SILENCE, verify=authorities(), trust_env=False) as http:
            url = self._trust.jwks_url or await self._discover(http)
            published = json.decode((await http.get(url)).raise_for_status().content)
        found: dict[str, jwk.Key] = {}
        for each in published["keys"]:
            # A symmetric key is nobody's to publish: whoever reads it here could sign with it.
            if each.get("kid") and each.get("kty") != "oct" and each.get("use", "sig") == "sig":
                found[each["kid"]] = jwk.import_key(each)
        return found

    async def _discover(self, http: httpx.AsyncClient) -> str:
        url = f"{self._trust.issuer.rstrip('/')}/.well-known/openid-configuration"
        said = json.decode((await http.get(url)).raise_for_status().content)
        if said["issuer"] != self._trust.issuer:
            raise ValueError("It says that it is another issuer.")
        return str(said["jwks_uri"])

    def _check(self, claims: Mapping[str, Any]) -> None:
        registry = jwt.JWTClaimsRegistry(
            now=int(self._clock.now().timestamp()),
            leeway=SKEW,
            iss={"essential": True, "value": self._trust.issuer},
            aud={"essential": True, "value": self._trust.audience},
            exp={"essential": True},
        )
        registry.validate(dict(claims))

    def _principal(self, claims: Mapping[str, Any]) -> Principal | None:
        account = _claim(claims, self._trust.account)
        if not isinstance(account, str) or not 0 < len(account) <= LONGEST_ACCOUNT:
            return None
        if not account.isprintable():
            return None
        roles = frozenset(Role(name) for name in _names(claims, self._trust.roles) if name in GRANTABLE)
        return Principal(who=account, roles=roles, teams=frozenset(_names(claims, self._trust.teams)))


def _claim(claims: Mapping[str, Any], path: str) -> Any:
    """A claim, or one within others: `realm_access.roles`. A name with dots goes before a path."""
    if path in claims:
        return claims[path]
    outer, dot, inner = path.partition(".")
    found = claims.get(outer)
    return _claim(found, inner) if dot and isinstance(found, Mapping) else None


def _names(claims: Mapping[str, Any], path: str) -> list[str]:
    """A claim that is a list of names, or a text with spaces between."""
    found = _claim(claims, path)
    if isinstance(found, str):
        return found.split()
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []
