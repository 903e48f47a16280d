"""Wrap data keys under a key-encryption key, which never enters Postgres: it is held here or by a service."""

import re
import secrets
from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.ledger.datakey import KEY_BYTES, NONCE_BYTES, DataKey

ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Wrapped(NamedTuple):
    """A data key as it is stored: for which stream, under which key-encryption key."""

    stream: str
    kek_id: str
    wrapped: bytes


class KeyAway(Exception):
    """The service that holds the key-encryption key did not answer; `args[0]` says why. Ask again later."""


class CannotUnwrap(Exception):
    """A data key was wrapped with another key-encryption key than is at hand; `args[0]` says with which."""


class BadKeyEncryptionKey(Exception):
    """What was given as key-encryption keys is none; `args[0]` says why and shows nothing of them."""


class KeyEncryption(Protocol):
    """Key-encryption keys, wherever they are. Both calls take many keys at once, and may be repeated.

    One that is rotated wraps with its newest key, and unwraps with each that it still has.
    """

    async def wrap(self, keys: Mapping[str, DataKey]) -> list[Wrapped]:
        """Wrap the keys of some streams, all with the newest key; raises `KeyAway`."""

    async def unwrap(self, wrapped: Sequence[Wrapped]) -> dict[str, DataKey]:
        """The keys by their streams; raises `KeyAway`, or `CannotUnwrap` if one of them cannot be had."""


class HeldHere:
    """Keys that were given to this process: the first wraps, all unwrap. See `KeyEncryption`."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = {name: AESGCM(key) for name, key in keys.items()}
        self._first = next(iter(keys))

    async def wrap(self, keys: Mapping[str, DataKey]) -> list[Wrapped]:
        """Wrap them: a nonce, then AES-256-GCM of the key, bound to its stream."""
        return [Wrapped(stream, self._first, self._wrap(stream, key)) for stream, key in keys.items()]

    async def unwrap(self, wrapped: Sequence[Wrapped]) -> dict[str, DataKey]:
        """Unwrap each with the key that it names."""
        return {each.stream: self._unwrap(each) for each in wrapped}

    def _wrap(self, stream: str, key: DataKey) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._keys[self._first].encrypt(nonce, key.raw, stream.encode())

    def _unwrap(self, each: Wrapped) -> DataKey:
        key = self._keys.get(each.kek_id)
        if key is None:
            raise CannotUnwrap(f"there is no key-encryption key `{each.kek_id}` here")
        try:
            nonce, sealed = each.wrapped[:NONCE_BYTES], each.wrapped[NONCE_BYTES:]
            return DataKey(key.decrypt(nonce, sealed, each.stream.encode()))
        except (InvalidTag, ValueError):
            raise CannotUnwrap(f"the key-encryption key `{each.kek_id}` here is another one") from None


def parse(written: str) -> HeldHere:
    """Read key-encryption keys, `<id> <base64 of 32 bytes>` a line; raises `BadKeyEncryptionKey`."""
    keys: dict[str, bytes] = {}
    for number, line in enumerate(written.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, key = _read(number, line)
        if name in keys:
            raise BadKeyEncryptionKey(f"two of them have the id `{name}`")
        keys[name] = key
    if not keys:
        raise BadKeyEncryptionKey("there is none")
    return HeldHere(keys)


def _read(number: int, line: str) -> tuple[str, bytes]:
    name, _, encoded = line.strip().partition(" ")
    try:
        key = b64decode(encoded.strip(), validate=True)
    except ValueError:
        key = b""
    if not ID.fullmatch(name) or len(key) != KEY_BYTES:
        raise BadKeyEncryptionKey(
            f"line {number} is not an id (letters, digits, `.`, `_`, `-`), a space, and base64 of "
            f"{KEY_BYTES} bytes; `openssl rand -base64 32` makes such bytes"
        )
    return name, key
