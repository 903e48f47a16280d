"""Signed receipts: the ledger's word that an event is in it, given before any checkpoint covers it.

Answers that are given together are signed together: they are the leaves of a small tree, made as RFC 6962
makes one, and the signature is over its root. So one signature serves many answers, and each can be checked
on its own. The text that the ledger's Ed25519 key signs, as it would a note's:

    caseledger/receipts/v1
    <origin>
    <how many answers were signed together, in decimal>
    <base64 of the root over them>
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from msgspec import Struct

from services.evidence import note, proofs
from services.evidence.errors import BadNote, BadProof, BadSignature
from services.evidence.keys import Signer, Verifier
from services.evidence.merkle import leaf_hash, node_hash
from services.evidence.note import Signature, b64, decode_base64

HEADER: Final = "caseledger/receipts/v1"
POSITION_BYTES: Final = 8


class Entry(NamedTuple):
    """An event as a receipt speaks of it: its position, and the leaf hash (32 bytes) of its document."""

    position: int
    leaf: bytes


class Promise(Struct, frozen=True):
    """What an answer carries beside the positions and leaf hashes of its events.

    `index` of `size` is its place among the answers that were signed together, `path` its audit path there,
    each hash in base64, and `signature` a note's signature line without its newline.
    """

    index: int
    size: int
    path: tuple[str, ...]
    signature: str


def entry_bytes(entries: Sequence[Entry]) -> bytes:
    """What an answer says: for each event, position (8 bytes, big-endian) and leaf hash (32 bytes)."""
    return b"".join(entry.position.to_bytes(POSITION_BYTES, "big") + entry.leaf for entry in entries)


def text(origin: str, size: int, root: bytes) -> str:
    """The text that is signed. It is no tree head: its third line is a number, where that has a root."""
    return f"{HEADER}\n{origin}\n{size}\n{b64(root)}\n"


class Unsigned(Struct, frozen=True):
    """Some answers that are to be signed together: the text to sign, and the audit path of each."""

    text: str
    paths: list[list[str]]

    def signed(self, signature: Signature) -> list[Promise]:
        """One promise for each answer, in their order."""
        line, size = signature.line.rstrip("\n"), len(self.paths)
        return [Promise(nth, size, tuple(path), line) for nth, path in enumerate(self.paths)]


def unsigned(answers: Sequence[Sequence[Entry]], origin: str) -> Unsigned:
    """What is to be signed of some answers, each the events of one request: two SHA-256 for each."""
    root, paths = _paths([leaf_hash(entry_bytes(entries)) for entries in answers])
    return Unsigned(text(origin, len(answers), root), paths)


def promise(answers: Sequence[Sequence[Entry]], signer: Signer) -> list[Promise]:
    """Sign some answers together: one promise for each, in their order."""
    whole = unsigned(answers, signer.verifier.name)
    return whole.signed(signer.sign(whole.text))


def check(entries: Sequence[Entry], promised: Promise, key: Verifier) -> None:
    """See that the ledger promised just these events, in this order; else `BadSignature`."""
    try:
        (signature,) = note.parse_lines(f"{promised.signature}\n")
        path = [decode_base64(step) for step in promised.path]
        root = proofs.follow(leaf_hash(entry_bytes(entries)), promised.index, promised.size, path)
    except (BadNote, BadProof, ValueError, OverflowError) as error:
        raise BadSignature(f"the receipt cannot be read: {error}") from None
    if not key.made(signature):
        raise BadSignature(f"the receipt is signed by {signature.name}, not by the key of {key.name}")
    key.check(text(key.name, promised.size, root), signature)


def _paths(hashes: Sequence[bytes]) -> tuple[bytes, list[list[str]]]:
    """The root over some leaf hashes, and the audit path of each, in base64."""
    if len(hashes) == 1:
        return hashes[0], [[]]
    middle = 1 << ((len(hashes) - 1).bit_length() - 1)
    left, left_paths = _paths(hashes[:middle])
    right, right_paths = _paths(hashes[middle:])
    left_written, right_written = b64(left), b64(right)
    for path in left_paths:
        path.append(right_written)
    for path in right_paths:
        path.append(left_written)
    return node_hash(left, right), left_paths + right_paths
