"""A ledger's keys: those that it signs with, and those that it signed with before."""

from collections.abc import Sequence
from itertools import chain

from msgspec import Struct

from services.evidence import checkpoint, keys, note, treehead
from services.evidence.checkpoint import Checkpoint
from services.evidence.errors import BadKey, BadSignature, BadTreeHead
from services.evidence.keys import Algorithm, Signer, Verifier
from services.evidence.note import Note
from services.evidence.treehead import TreeHead


class Keyring(Struct, frozen=True):
    """One Ed25519 key, perhaps ML-DSA-44 keys beside it, and former keys: all of one name, the origin."""

    signers: tuple[Signer, ...]
    former: tuple[Verifier, ...] = ()

    @property
    def origin(self) -> str:
        """The name of the ledger in everything that it signs."""
        return self.signers[0].verifier.name

    @property
    def own(self) -> Signer:
        """The Ed25519 key, which signs receipts too."""
        return self.signers[0]

    @property
    def verifiers(self) -> tuple[Verifier, ...]:
        """What an auditor is given: a checkpoint made now is signed by each."""
        return tuple(signer.verifier for signer in self.signers)

    async def sign(self, head: TreeHead, time: int) -> Note:
        """Sign a tree head of this ledger with each key; `time` is in POSIX seconds."""
        return checkpoint.sign(head, self.signers, time)

    def read(self, raw: bytes) -> Checkpoint:
        """Read a checkpoint that this ledger signed, now or formerly. Raises as `checkpoint.read` does."""
        return read_signed(raw, self.origin, [*self.verifiers, *self.former])


def read_signed(raw: bytes, origin: str, known: Sequence[Verifier]) -> Checkpoint:
    """Read a checkpoint that one of the keys known of a ledger signed. Raises as `checkpoint.read` does."""
    parsed = note.parse(raw)
    head = treehead.parse(parsed.text)
    if head.origin != origin:
        raise BadTreeHead(f"this is a checkpoint of {head.origin}, not of {origin}")
    signed_by = checkpoint.check_signatures(parsed, known)
    if not signed_by:
        raise BadSignature(f"the checkpoint of {head.size} is signed by no key of this ledger")
    return Checkpoint(head, parsed, signed_by)


def parse(written: str) -> Keyring:
    """Read the keys of a file or a setting, one a line; empty lines and lines after # do not count.

    `BadKey` says what is wrong, without showing a key.
    """
    lines = [line.strip() for line in written.splitlines()]
    given = [line for line in lines if line and not line.startswith("#")]
    signers = [keys.read_signer(line) for line in given if line.startswith("PRIVATE+")]
    former = [keys.read_verifier(line) for line in given if not line.startswith("PRIVATE+")]
    return _checked(signers, former)


def _checked(signers: Sequence[Signer], former: Sequence[Verifier]) -> Keyring:
    in_order = sorted(signers, key=lambda signer: signer.verifier.algorithm)
    algorithms = [signer.verifier.algorithm for signer in in_order]
    if algorithms.count(Algorithm.ED25519) != 1 or Algorithm.COSIGNATURE in algorithms:
        raise BadKey(
            "a ledger signs with one Ed25519 key (algorithm 01), and may with ML-DSA-44 (06) beside it"
        )
    names = {key.name for key in chain((signer.verifier for signer in signers), former)}
    if len(names) != 1:
        raise BadKey(f"the keys are of different ledgers: {', '.join(sorted(names))}")
    return Keyring(tuple(in_order), tuple(former))
