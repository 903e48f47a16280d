"""Tokens of people: as they are sent, and with any header, or any claims, that a provider signed."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from hashlib import shake_256
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec import json

from services.domain.principal import GRANTABLE, Principal
from services.runtime.identity import authentication, claims, published
from services.runtime.identity.claims import LONGEST_ACCOUNT, Trust

NOON: Final = datetime(2018, 3, 29, 12, tzinfo=UTC)
TRUST: Final = Trust(issuer="https://login.example", audience="caseledger", algorithms=("Ed25519", "RS256"))
SIGNING: Final = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
WHO: Final = "ana@council.example"
CLAIMS: Final = json.encode(
    {
        "iss": TRUST.issuer,
        "aud": ["caseledger"],
        "exp": int(NOON.timestamp()) + 300,
        "nbf": int(NOON.timestamp()),
        "sub": WHO,
        "roles": ["caseworker", "iro"],
        "teams": "east west",
    }
)
HEADER: Final = b'{"alg":"Ed25519","kid":"ed-1","typ":"JWT"}'


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _published() -> bytes:
    public = SIGNING.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    point = ec.derive_private_key(7, ec.SECP256R1()).public_key().public_numbers()
    x, y = (_text(each.to_bytes(32, "big")) for each in (point.x, point.y))
    modulus = _text(b"\xff" + shake_256(b"modulus").digest(254) + b"\xff")
    return json.encode(
        {
            "keys": [
                {"kty": "OKP", "crv": "Ed25519", "x": _text(public), "kid": "ed-1", "use": "sig"},
                {"kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": "ec-1", "alg": "ES256"},
                {"kty": "RSA", "n": modulus, "e": "AQAB", "kid": "rsa-1", "use": "sig"},
            ]
        }
    )


PUBLISHED: Final = _published()
KEYS: Final = published.read(PUBLISHED)


def signed(header: bytes, payload: bytes) -> str:
    """A token as the provider would sign it."""
    said = f"{_text(header)}.{_text(payload)}"
    return f"{said}.{_text(SIGNING.sign(said.encode()))}"


SENT: Final = signed(HEADER, CLAIMS)


class Refused(Exception):
    """The token counts for nobody."""


def as_sent(raw: bytes) -> None:
    """A header of a request: what is taken is what was signed, byte for byte of what is signed."""
    token = authentication._token_in([(b"authorization", raw)])
    found = _whose(token)
    if found.who != WHO or token.rpartition(".")[0] != SENT.rpartition(".")[0]:
        raise AssertionError("it is not the token that was signed")


def as_claimed(raw: bytes) -> None:
    """Claims that the provider signed, whatever they are."""
    _whose(signed(HEADER, raw))


def as_headed(raw: bytes) -> None:
    """A header that the provider signed, whatever it is."""
    _whose(signed(raw, CLAIMS))


def as_published(raw: bytes) -> None:
    """What a provider might publish: whatever is read can check a signature, and makes none."""
    for key in published.read(raw).values():
        if key.is_private:
            raise AssertionError("a private key was taken")


def _whose(token: str) -> Principal:
    key = KEYS.get(claims.key_id_of(token, TRUST) or "")
    found = claims.read(token, key, TRUST, NOON) if key else None
    if found is None:
        raise Refused
    if not found.roles <= GRANTABLE or found.is_system or not 0 < len(found.who) <= LONGEST_ACCOUNT:
        raise AssertionError("nobody like that can be")
    return found
