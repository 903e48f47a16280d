"""Checkpoints: tree heads as signed notes. What is signed cannot be taken back."""

from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct

from services.evidence import note, treehead
from services.evidence.errors import BadSignature, BadTreeHead
from services.evidence.keys import Algorithm, Signer, Verifier
from services.evidence.note import Note
from services.evidence.treehead import TreeHead


class Checkpoint(Struct, frozen=True):
    """A tree head, the note it came in, and when each key whose signature was checked says it signed.

    Times are POSIX seconds, 0 where an algorithm names none.
    """

    head: TreeHead
    note: Note
    signed_by: Mapping[Verifier, int]


def sign(head: TreeHead, signers: Sequence[Signer], time: int) -> Note:
    """The checkpoint of a tree head, signed with each key; `time` is in POSIX seconds."""
    treehead.parse(head.text)  # nothing is signed that could not be read
    return Note(head.text, tuple(signer.sign(head.text, time) for signer in signers))


def read(
    raw: bytes, origin: str, keys: Sequence[Verifier], *, witnesses: Sequence[Verifier] = (), quorum: int = 0
) -> Checkpoint:
    """Read a ledger's checkpoint and check it against keys that are trusted.

    It must be signed by every one of the ledger's `keys` and by at least `quorum` of the `witnesses`, counted
    by name. A signature by any of them that is not right is refused, one by an unknown key passed over.
    Raises `BadNote`, `BadTreeHead` or `BadSignature`.
    """
    parsed = note.parse(raw)
    head = treehead.parse(parsed.text)
    if head.origin != origin:
        raise BadTreeHead(f"this is a checkpoint of {head.origin}, not of {origin}")
    signed_by = check_signatures(parsed, [*keys, *witnesses])
    if not keys:
        raise BadSignature("no key of the ledger was given to check the checkpoint with")
    for key in keys:
        if key not in signed_by:
            raise BadSignature(f"the checkpoint of {head.size} is not signed by {_called(key)}")
    cosigned = len({key.name for key in witnesses if key in signed_by})
    if cosigned < quorum:
        raise BadSignature(
            f"the checkpoint of {head.size} is cosigned by {cosigned} witnesses; {quorum} are asked"
        )
    return Checkpoint(head, parsed, signed_by)


def check_signatures(signed: Note, keys: Sequence[Verifier]) -> dict[Verifier, int]:
    """Which of some keys signed a note, and the POSIX time each names; `BadSignature` if one is wrong."""
    return {
        key: key.check(signed.text, signature)
        for signature in signed.signatures
        for key in keys
        if key.made(signature)
    }


def is_vouched_for(signed_by: Collection[Verifier], keys: Sequence[Verifier]) -> bool:
    """Whether all keys that a ledger has, or had, at one time are among those that signed.

    `keys` are one ledger's, present and former, as `GET /v1/key` and `caseledger signing-key` list them: each
    Ed25519 key, followed by the ML-DSA-44 keys that sign beside it. One of these alone is not enough.
    """
    together: list[list[Verifier]] = []
    for key in keys:
        if key.algorithm is Algorithm.ED25519 or not together:
            together.append([])
        together[-1].append(key)
    return any(all(key in signed_by for key in each) for each in together)


def _called(key: Verifier) -> str:
    return f"{key.name} ({key.algorithm.name}, {key.key_id.hex()})"
