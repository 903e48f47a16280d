"""Keys that sign notes, and keys that check them: C2SP signed-note and tlog-cosignature.

    verifier key  <name>+<key id, 8 hex digits>+<base64 of: algorithm byte, public key>
    signing key   PRIVATE+KEY+<name>+<key id, 8 hex digits>+<base64 of: algorithm byte, seed of 32 bytes>

A key's name, its algorithm and its public key make its id: SHA-256(name || 0x0A || algorithm || key)[:4].
"""

import re
from enum import IntEnum
from functools import cached_property
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey
from msgspec import Struct

from services.evidence import treehead
from services.evidence.errors import BadKey, BadNote, BadSignature, BadTreeHead
from services.evidence.note import KEY_ID_BYTES, Signature, b64, check_name, decode_base64

SEED_BYTES: Final = 32
TIMESTAMP_BYTES: Final = 8
LATEST: Final = 2**63 - 1  # of the POSIX times that a cosignature may name
_WRITTEN: Final = re.compile(r"(?P<private>PRIVATE\+KEY\+)?(?P<name>[^+]+)\+(?P<id>[0-9a-f]{8})\+(?P<key>.+)")


class Algorithm(IntEnum):
    """What a signature is, by its byte in C2SP signed-note."""

    ED25519 = 0x01
    """Ed25519 (RFC 8032) over the text: the ledger's own."""
    COSIGNATURE = 0x04
    """Ed25519 over a time and a tree head: a witness's."""
    ML_DSA_44 = 0x06
    """ML-DSA-44 (FIPS 204) over a time and a tree head: the ledger's second, or a witness's."""


PUBLIC_BYTES: Final = {Algorithm.ED25519: 32, Algorithm.COSIGNATURE: 32, Algorithm.ML_DSA_44: 1312}
TIMED: Final = frozenset({Algorithm.COSIGNATURE, Algorithm.ML_DSA_44})


class Verifier(Struct, frozen=True, dict=True):
    """A public key and its name. `str` of it is the verifier key that an auditor is given."""

    name: str
    algorithm: Algorithm
    public: bytes

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{b64(bytes([self.algorithm]) + self.public)}"

    @cached_property
    def key_id(self) -> bytes:
        """The four bytes by which a signature line names this key."""
        named = self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public
        return sha256(named).digest()[:KEY_ID_BYTES]

    @property
    def short(self) -> str:
        """Its name and the four bytes, for a sentence: enough to tell it from the others of a ledger."""
        return f"{self.name}+{self.key_id.hex()}"

    def made(self, signature: Signature) -> bool:
        """Whether a signature line claims to be this key's."""
        return (signature.name, signature.key_id) == (self.name, self.key_id)

    def check(self, text: str, signature: Signature) -> int:
        """See that this key signed the text; else `BadSignature`.

        Gives the POSIX time that the signature names, in seconds; 0 if its algorithm names none.
        """
        time, made = _taken_apart(self.algorithm, signature.signature)
        try:
            key: Ed25519PublicKey | MLDSA44PublicKey = (
                MLDSA44PublicKey.from_public_bytes(self.public)
                if self.algorithm is Algorithm.ML_DSA_44
                else Ed25519PublicKey.from_public_bytes(self.public)
            )
            key.verify(made, message(self.algorithm, self.name, text, time))
        except (InvalidSignature, ValueError, BadTreeHead):
            raise BadSignature(f"the signature of {self.name} is not one over this text") from None
        return time


class Signer:
    """A private key and its name. Neither `str` nor `repr` of it shows the key; `secret` does."""

    def __init__(self, name: str, algorithm: Algorithm, seed: bytes) -> None:
        self.secret: Final = seed
        try:
            self._key = (
                MLDSA44PrivateKey.from_seed_bytes(seed)
                if algorithm is Algorithm.ML_DSA_44
                else Ed25519PrivateKey.from_private_bytes(seed)
            )
        except (ValueError, UnsupportedAlgorithm) as error:
            raise BadKey(f"the key {name} cannot be used here: {error}") from None
        self.verifier: Final = Verifier(_named(name), algorithm, self._key.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return f"Signer({self.verifier.name!r}, {self.verifier.algorithm.name})"

    def written(self) -> str:
        """The signing key as a file or a setting holds it. It is a secret."""
        key = self.verifier
        return f"PRIVATE+KEY+{key.name}+{key.key_id.hex()}+{b64(bytes([key.algorithm]) + self.secret)}"

    def sign(self, text: str, time: int = 0) -> Signature:
        """Sign a text; `time` is in POSIX seconds, for algorithms that name one.

        `BadTreeHead` for a text that is none, if the algorithm signs only tree heads.
        """
        key = self.verifier
        made = self._key.sign(message(key.algorithm, key.name, text, time))
        timed = time.to_bytes(TIMESTAMP_BYTES, "big") if key.algorithm in TIMED else b""
        return Signature(key.name, key.key_id, timed + made)


def read_verifier(written: str) -> Verifier:
    """Read a verifier key; `BadKey` says what is wrong with it."""
    name, algorithm, key, key_id = _read(written, private=False)
    if len(key) != PUBLIC_BYTES[algorithm]:
        raise BadKey(f"the key {name} has {len(key)} bytes; {algorithm.name} takes {PUBLIC_BYTES[algorithm]}")
    return _with_id(Verifier(name, algorithm, key), key_id)


def read_public(name: str, public: bytes) -> Verifier:
    """The verifier of an Ed25519 public key as it is; `BadKey` says what is wrong with it."""
    if len(public) != PUBLIC_BYTES[Algorithm.ED25519]:
        raise BadKey(f"an Ed25519 public key has {PUBLIC_BYTES[Algorithm.ED25519]} bytes, not {len(public)}")
    return Verifier(_named(name), Algorithm.ED25519, public)


def read_signer(written: str) -> Signer:
    """Read a signing key; `BadKey` says what is wrong with it, and never shows it."""
    name, algorithm, seed, key_id = _read(written, private=True)
    if len(seed) != SEED_BYTES:
        raise BadKey(f"the signing key {name} has {len(seed)} bytes; it takes a seed of {SEED_BYTES}")
    signer = Signer(name, algorithm, seed)
    _with_id(signer.verifier, key_id)
    return signer


def message(algorithm: Algorithm, name: str, text: str, time: int) -> bytes:
    """The bytes that an algorithm signs for a text; `BadTreeHead` for one that only signs tree heads."""
    if not 0 <= time <= LATEST:
        raise BadTreeHead(f"a signature cannot name the time {time}")
    if algorithm is Algorithm.ED25519:
        return text.encode()
    head = treehead.parse(text)
    if algorithm is Algorithm.COSIGNATURE:
        return f"cosignature/v1\ntime {time}\n{text}".encode()
    return b"".join(
        [
            b"subtree/v1\n\x00",
            _short(name),
            _long(time),
            _short(head.origin),
            _long(0),
            _long(head.size),
            head.root,
        ]
    )


def _taken_apart(algorithm: Algorithm, signature: bytes) -> tuple[int, bytes]:
    if algorithm not in TIMED:
        return 0, signature
    time = int.from_bytes(signature[:TIMESTAMP_BYTES], "big")
    return time, signature[TIMESTAMP_BYTES:]


def _read(written: str, *, private: bool) -> tuple[str, Algorithm, bytes, bytes]:
    what = "signing" if private else "verifier"
    found = _WRITTEN.fullmatch(written.strip())
    if found is None or bool(found["private"]) is not private:
        raise BadKey(f"this is no {what} key: {'PRIVATE+KEY+' * private}<name>+<key id>+<key>")
    try:
        decoded = decode_base64(found["key"])
        algorithm = Algorithm(decoded[0])
    except BadNote as error:
        raise BadKey(f"the {what} key {found['name']} {error}") from None
    except ValueError:
        raise BadKey(f"the {what} key {found['name']} is of an algorithm that is not known here") from None
    return _named(found["name"]), algorithm, decoded[1:], bytes.fromhex(found["id"])


def _with_id(verifier: Verifier, key_id: bytes) -> Verifier:
    if verifier.key_id != key_id:
        raise BadKey(
            f"the key {verifier.name} is damaged: its id is {verifier.key_id.hex()}, not {key_id.hex()}"
        )
    return verifier


def _named(name: str) -> str:
    try:
        return check_name(name)
    except BadNote as error:
        raise BadKey(str(error)) from None


def _short(text: str) -> bytes:
    raw = text.encode()
    if len(raw) > 255:  # noqa: PLR2004 - what one byte of length can say
        raise BadTreeHead(f"a name of {len(raw)} bytes cannot be signed with ML-DSA-44; 255 are the most")
    return bytes([len(raw)]) + raw


def _long(number: int) -> bytes:
    return number.to_bytes(8, "big")
