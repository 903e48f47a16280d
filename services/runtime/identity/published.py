"""The keys that an OpenID Connect provider publishes: asked for within bounds, and read with suspicion.

Of a set the keys that can be used are taken, and the others passed over, as RFC 7517 has it: one that is of a
kind not known here takes nobody's away.
"""

from collections.abc import Iterator
from typing import Any, Final

import httpx
import structlog
from joserfc import jwk
from joserfc.errors import JoseError
from msgspec import DecodeError, Raw, Struct, json

from services.runtime import answered
from services.runtime.answered import TooLong
from services.runtime.identity.claims import Trust
from services.runtime.logs import named
from services.runtime.tls import authorities

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

PATIENCE: Final = 5.0  # seconds for each answer, all of it
MOST_BYTES: Final = 256 * 1024
"""Of an answer."""
MOST_KEYS: Final = 100
LEAST_BITS: Final = 2048
MOST_BITS: Final = 8192
"""Of an RSA key: with fewer it can be broken, and with very many each token costs a second."""

Keys = dict[str, "jwk.Key"]
"""By their ids."""

AWAY: Final = (httpx.HTTPError, TooLong, TimeoutError, DecodeError, ValueError, RecursionError)
"""What `ask` raises: the provider does not answer, or answers with something else than keys."""


class _Configuration(Struct):
    issuer: str
    jwks_uri: str


class _Set(Struct):
    keys: list[Raw]


class _Key(Struct):
    kid: str
    kty: str
    use: str = "sig"


async def ask(trust: Trust) -> Keys:
    """Ask the provider for its keys. Raises what is in `AWAY`."""
    async with httpx.AsyncClient(timeout=PATIENCE, verify=authorities(), trust_env=False) as http:
        return read(await _get(http, trust.jwks_url or await _discover(http, trust.issuer)))


def read(body: bytes) -> Keys:
    """The keys of a set (RFC 7517) that can check a signature. Raises `DecodeError`, or `ValueError`."""
    published = json.decode(body, type=_Set).keys
    if len(published) > MOST_KEYS:
        raise ValueError(f"more than {MOST_KEYS} keys")
    return dict(_usable(published))


def _usable(published: list[Raw]) -> Iterator[tuple[str, "jwk.Key"]]:
    for each in published:
        try:
            said = json.decode(each, type=_Key)
            # A symmetric key is nobody's to publish: whoever reads it here could sign with it.
            if said.kid and said.kty != "oct" and said.use == "sig":
                yield said.kid, _imported(json.decode(each))
        except (JoseError, DecodeError, ValueError, TypeError, KeyError, OverflowError) as error:
            log.info("provider.key_passed_over", error=named(error))


def _imported(parts: dict[str, Any]) -> "jwk.Key":
    # How long it is, is known before anything is computed with it.
    if parts["kty"] == "RSA" and not LEAST_BITS <= len(str(parts.get("n"))) * 6 <= MOST_BITS + 16:
        raise ValueError("no length for a key")
    made = jwk.import_key(parts)
    if made.is_private:
        raise ValueError("a private key is nobody's to publish")
    return made


async def _discover(http: httpx.AsyncClient, issuer: str) -> str:
    body = await _get(http, f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    said = json.decode(body, type=_Configuration)
    if said.issuer != issuer:
        raise ValueError("It says that it is another issuer.")
    if issuer.lower().startswith("https:") and not said.jwks_uri.lower().startswith("https:"):
        raise ValueError("It would have its keys fetched in clear.")
    return said.jwks_uri


async def _get(http: httpx.AsyncClient, url: str) -> bytes:
    status, body = await answered.get(http, url, patience=PATIENCE, most=MOST_BYTES)
    if not httpx.codes.is_success(status):
        raise ValueError(f"it answers {status}")
    return body
