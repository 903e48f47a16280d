"""What a person's token claims, once its signature holds: who they are, until when, with which roles."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import structlog
from joserfc import jwk, jwt
from joserfc.errors import JoseError
from msgspec import Struct

from services.domain.principal import GRANTABLE, Principal, Role
from services.runtime.identity.unverified import header_of
from services.runtime.logs import named

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

SKEW: Final = 60
"""Seconds by which the provider's clock may differ."""
LONGEST_ACCOUNT: Final = 120
"""Characters, all of them printable: what an event's `actor` can be."""


class Trust(Struct, frozen=True, kw_only=True):
    """Whose tokens count, for whom they must be made, and in which claims they say what is asked."""

    issuer: str
    audience: str
    algorithms: tuple[str, ...]
    jwks_url: str | None = None
    account: str = "sub"
    roles: str = "roles"
    teams: str = "teams"


def key_id_of(token: str, trust: Trust) -> str | None:
    """The id of the key that it says it was signed with, if the algorithm is one that counts."""
    header = header_of(token)
    return header.kid if header and header.alg in trust.algorithms else None


def read(token: str, key: "jwk.Key", trust: Trust, now: datetime) -> Principal | None:
    """Whose token it is; None of one that does not count, for whatever reason."""
    try:
        claims = jwt.decode(token, key, algorithms=trust.algorithms).claims
        _check(claims, trust, now)
    except (JoseError, ValueError, TypeError, OverflowError, RecursionError) as error:
        log.info("token.refused", error=named(error))
        return None
    return _principal(claims, trust)


def _check(claims: Mapping[str, Any], trust: Trust, now: datetime) -> None:
    registry = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=SKEW,
        iss={"essential": True, "value": trust.issuer},
        aud={"essential": True, "value": trust.audience},
        exp={"essential": True},
    )
    registry.validate(dict(claims))


def _principal(claims: Mapping[str, Any], trust: Trust) -> Principal | None:
    account = _claim(claims, trust.account)
    if not isinstance(account, str) or not 0 < len(account) <= LONGEST_ACCOUNT:
        return None
    if not account.isprintable():
        return None
    roles = frozenset(Role(name) for name in _names(claims, trust.roles) if name in GRANTABLE)
    return Principal(who=account, roles=roles, teams=frozenset(_names(claims, trust.teams)))


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
