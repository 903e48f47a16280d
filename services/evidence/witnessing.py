"""The witness protocol, C2SP tlog-witness: what a ledger asks, and what a witness may cosign.

A request's body:

    old <size of the last tree that the witness cosigned, in decimal>
    <base64 of a hash of the consistency proof>, none or more lines
    <blank line>
    <the checkpoint, a signed note>
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from services.evidence import checkpoint, note, proofs, treehead
from services.evidence.errors import BadNote, BadProof, BadSignature, BadTreeHead, EvidenceError
from services.evidence.keys import Verifier
from services.evidence.merkle import EMPTY_ROOT, HASH_BYTES
from services.evidence.note import Note, b64, decode_base64
from services.evidence.treehead import TreeHead

MOST_HASHES: Final = 63
_OLD: Final = re.compile("old (?P<size>0|[1-9][0-9]{0,18})", re.ASCII)


class Malformed(EvidenceError):
    """The body is no request, or asks for something that cannot be."""


class UnknownOrigin(EvidenceError):
    """The witness was not told of this ledger; give it the ledger's verifier keys."""


class NotSigned(EvidenceError):
    """No key that the witness knows of this ledger signed the checkpoint."""


class OtherSize(EvidenceError):
    """The witness has cosigned `size` events last: ask again with that as the old size."""

    def __init__(self, size: int) -> None:
        super().__init__(f"the last tree that was cosigned is of {size} events")
        self.size = size


class Forked(OtherSize):
    """The witness has cosigned another tree of just this size."""


class Inconsistent(EvidenceError):
    """The proof does not show that the tree that was cosigned last begins this one."""


class Request(Struct, frozen=True):
    """A checkpoint to cosign, and the proof that the tree of `old` leaves begins its tree."""

    old: int
    proof: tuple[bytes, ...]
    note: Note
    head: TreeHead


def write(old: int, proof: Sequence[bytes], signed: bytes) -> bytes:
    """The body that asks for a cosignature of a checkpoint."""
    lines = [f"old {old}", *(b64(each) for each in proof), ""]
    return "".join(f"{line}\n" for line in lines).encode() + signed


def read(body: bytes) -> Request:
    """Read a request; raises `Malformed`."""
    above, blank, signed = body.partition(b"\n\n")
    try:
        first, *lines = above.decode("ascii").split("\n")
        if not blank or not (old := _OLD.fullmatch(first)) or len(lines) > MOST_HASHES:
            raise Malformed("the body is not `old <size>`, a consistency proof, a blank line, a checkpoint")
        proof = tuple(decode_base64(line) for line in lines)
        parsed = note.parse(signed)
        head = treehead.parse(parsed.text)
    except (UnicodeDecodeError, BadNote, BadTreeHead) as error:
        raise Malformed(f"the body cannot be read: {error}") from None
    if any(len(each) != HASH_BYTES for each in proof):
        raise Malformed(f"a hash of the proof is not of {HASH_BYTES} bytes")
    return Request(int(old["size"]), proof, parsed, head)


def judge(asked: Request, keys: Mapping[str, Sequence[Verifier]], last: TreeHead | None) -> None:
    """Say whether a witness may cosign, given whom it trusts by origin and what it cosigned last of this one.

    Raises `UnknownOrigin`, `NotSigned`, `Malformed`, `OtherSize`, `Forked` or `Inconsistent`, in this order.
    """
    head, size, root = asked.head, last.size if last else 0, last.root if last else EMPTY_ROOT
    if not (trusted := keys.get(head.origin)):
        raise UnknownOrigin(f"no key of {head.origin} is known here")
    try:
        signed = checkpoint.check_signatures(asked.note, trusted)
    except BadSignature as error:
        raise NotSigned(str(error)) from None
    if not signed:
        raise NotSigned(f"the checkpoint is signed by no key of {head.origin} that is known here")
    if asked.old > head.size:
        raise Malformed(f"a tree of {asked.old} events cannot begin one of {head.size}")
    if asked.old != size:
        raise OtherSize(size)
    if head.size == size and head.root != root:
        raise Forked(size)
    try:
        proofs.check_consistency(size, head.size, root, head.root, asked.proof)
    except BadProof as error:
        raise Inconsistent(str(error)) from None
