"""Find out who asks, from a request's headers; what cannot be found out is a 401."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, Protocol

from services.domain.principal import EVERYBODY, Principal
from services.runtime.identity.credential import Credential
from services.runtime.identity.registry import Registry
from services.runtime.problems import UNAUTHENTICATED, Problem

if TYPE_CHECKING:  # loaded only where a provider is named
    from services.runtime.identity.oidc import Provider

Headers = Iterable[tuple[bytes, bytes]]

SCHEME: Final = "bearer"
LONGEST: Final = 16_384
"""Bytes of a token: nobody's roles need more, and what is longer is not looked at."""
CHALLENGE: Final = 'Bearer realm="caseledger"'


class Authentication(Protocol):
    """Says who asks. A token that is not good any more stops counting at the next request."""

    @property
    def is_off(self) -> bool:
        """Whether everybody is let in as they come."""

    async def authenticate(self, headers: Headers) -> Principal:
        """Who sent these headers. Raises `Problem` (401), which says nothing of why a token is not good."""

    def follow(self, issued: Iterable[Credential]) -> None:
        """Let these issued keys count, and no others."""


class Off:
    """Nobody is asked who they are, and everybody may do everything: for trials, and never in production."""

    is_off = True

    async def authenticate(self, headers: Headers) -> Principal:  # noqa: ARG002 - as the protocol has it
        """Everybody."""
        return EVERYBODY

    def follow(self, issued: Iterable[Credential]) -> None:
        """Nobody needs one."""


class Bearers:
    """Bearer tokens (RFC 6750): of the keys in a registry, and of an identity provider, if there is one."""

    is_off = False

    def __init__(self, registry: Registry, provider: "Provider | None" = None) -> None:
        self._registry = registry
        self._provider = provider

    async def authenticate(self, headers: Headers) -> Principal:
        """Whose token it is."""
        token = _token_in(headers)
        found = self._registry.find(token)
        if found is None and self._provider is not None:
            found = await self._provider.find(token)
        if found is None:
            raise _unauthenticated("The token is not one that counts.", error=True)
        return found

    def follow(self, issued: Iterable[Credential]) -> None:
        """From the next request on."""
        self._registry.follow(issued)


OFF: Final = Off()


def _token_in(headers: Headers) -> str:
    given = [value for name, value in headers if name == b"authorization"]
    if not given:
        raise _unauthenticated("No token was sent.")
    scheme, _, token = given[0].decode("latin-1").partition(" ")
    if len(given) > 1 or scheme.lower() != SCHEME or not token:
        raise _unauthenticated("`Authorization` is to be sent once, as `Bearer` and a token.")
    if len(token) > LONGEST:
        raise _unauthenticated(f"No token that counts has more than {LONGEST} bytes.")
    return token.strip()


def _unauthenticated(what: str, *, error: bool = False) -> Problem:
    challenge = f'{CHALLENGE}, error="invalid_token"' if error else CHALLENGE
    return Problem(
        UNAUTHENTICATED, f"{what} {UNAUTHENTICATED.advice}", headers={"WWW-Authenticate": challenge}
    )
