"""One stream's data key: what seals personal fields, opens them, and tells a repeat without revealing them.

A sealed text is base64 of a version byte, a nonce of 96 random bits, and AES-256-GCM's ciphertext and tag.
It opens only beside the document that it was sealed for.
"""

import hmac
import secrets
from base64 import b64decode, b64encode
from hashlib import sha256
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import json

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
VERSION: Final = b"\x01"
CONTENT: Final = b"caseledger content 1"  # what the key is for that tells a repeat


class Unopenable(Exception):
    """It was not sealed under this key for this document, or it is damaged."""


class DataKey:
    """The key of one stream. It is never shown, logged or stored but wrapped."""

    __slots__ = ("_aead", "_content", "_key")

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._aead = AESGCM(key)
        self._content = HKDF(SHA256(), KEY_BYTES, salt=None, info=CONTENT).derive(key)

    @classmethod
    def new(cls) -> Self:
        """A key of 256 random bits."""
        return cls(secrets.token_bytes(KEY_BYTES))

    @property
    def raw(self) -> bytes:
        """The key itself, to be wrapped."""
        return self._key

    def seal(self, personal: bytes, document: bytes) -> str:
        """Seal what is personal for one document, as `bound` names it."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return b64encode(VERSION + nonce + self._aead.encrypt(nonce, personal, document)).decode()

    def open(self, sealed: str, document: bytes) -> bytes:
        """What was sealed for the document; raises `Unopenable`."""
        try:
            raw = b64decode(sealed, validate=True)
            if raw[:1] != VERSION or len(raw) < 1 + NONCE_BYTES + TAG_BYTES:
                raise Unopenable
            return self._aead.decrypt(raw[1 : 1 + NONCE_BYTES], raw[1 + NONCE_BYTES :], document)
        except (InvalidTag, ValueError):
            raise Unopenable from None

    def content(self, said: bytes) -> bytes:
        """A hash that tells a repeat: who has not the key cannot confirm a guess at what was said."""
        return hmac.digest(self._content, said, sha256)

    def __repr__(self) -> str:
        return "DataKey(…)"


def bound(stream: str, source: str, event_id: str, name: str) -> bytes:
    """What a sealed text is bound to: the document of this event, and no other."""
    return json.encode([stream, source, event_id, name])
