"""Time stamps, RFC 3161: that a checkpoint was there, signed, at a time that an authority names.

What is stamped is the ledger's own note: the text of the checkpoint, the blank line, and the signature lines
of the ledger's keys. Cosignatures come after these and are not stamped.
"""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from cryptography import x509
from msgspec import Struct
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from services.evidence import treehead
from services.evidence.errors import BadKey, EvidenceError
from services.evidence.note import Note

QUERY: Final = "application/timestamp-query"
REPLY: Final = "application/timestamp-reply"
_SHA256: Final = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")


class BadStamp(EvidenceError):
    """A time stamp is none, or not of this checkpoint, or not by the authority that is trusted."""


class Authority(Struct, frozen=True):
    """Whom to believe about the time: the certificates of an authority, its root among them."""

    roots: tuple[x509.Certificate, ...]
    others: tuple[x509.Certificate, ...]


class Query(Struct, frozen=True):
    """What is sent to an authority (DER), and the number by which its answer is known to be to this."""

    body: bytes
    nonce: int


def read_authority(pem: bytes) -> Authority:
    """Read an authority's certificates (PEM); raises `BadKey` unless one of them is a root."""
    try:
        found = x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise BadKey(f"these are no certificates in PEM: {error}") from None
    roots = tuple(each for each in found if each.issuer == each.subject)
    if not roots:
        raise BadKey("there is no root certificate: give the authority's own and those above it")
    return Authority(roots, tuple(each for each in found if each not in roots))


def stamped_part(signed: Note) -> bytes:
    """The bytes of a checkpoint that are stamped, whatever cosignatures it has by now."""
    origin = treehead.parse(signed.text).origin
    return Note(signed.text, tuple(each for each in signed.signatures if each.name == origin)).encode()


def query(stamped: bytes) -> Query:
    """Ask for a time stamp, and for the certificate with it, so that it can be checked on its own."""
    asked = TimestampRequestBuilder().data(stamped).hash_algorithm(HashAlgorithm.SHA256).build()
    return Query(asked.as_bytes(), asked.nonce or 0)


def check(reply: bytes, stamped: bytes, authority: Authority, nonce: int | None = None) -> datetime:
    """See that the authority stamped these bytes; gives the time that it names, in UTC; else `BadStamp`."""
    said = _decoded(reply)
    builder = VerifierBuilder(roots=list(authority.roots), intermediates=list(authority.others), nonce=nonce)
    try:
        builder.build().verify_message(said, stamped)
    except (VerificationError, ValueError) as error:
        raise BadStamp(f"the time stamp does not hold: {error}") from None
    return claimed(reply, stamped)


def claimed(reply: bytes, stamped: bytes) -> datetime:
    """The time, in UTC, that a time stamp of just these bytes names, whoever made it; else `BadStamp`.

    It is not proven: `check` proves it.
    """
    said = _decoded(reply)
    try:
        imprint, time = said.tst_info.message_imprint, said.tst_info.gen_time
    except ValueError as error:
        raise BadStamp(f"this is no time stamp: {error}") from None
    if (imprint.hash_algorithm, imprint.message) != (_SHA256, sha256(stamped).digest()):
        raise BadStamp("the time stamp is of something else")
    return time.astimezone(UTC)


def _decoded(reply: bytes) -> TimeStampResponse:
    try:
        return decode_timestamp_response(reply)
    except ValueError as error:
        raise BadStamp(f"this is no time stamp: {error}") from None
