"""Trees of a ledger that never was: their checkpoints, and what a witness is asked about them."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from services.evidence import checkpoint, merkle, proofs, witnessing
from services.evidence.keys import Algorithm, Signer
from services.evidence.merkle import Node
from services.evidence.treehead import TreeHead

ORIGIN: Final = "ledger.example/children"
LEDGER: Final = Signer(ORIGIN, Algorithm.ED25519, bytes(32))
STRANGER: Final = Signer(ORIGIN, Algorithm.ED25519, b"s" * 32)
LEAVES: Final = [sha256(bytes([nth])).digest() for nth in range(40)]
OTHERS: Final = [*LEAVES[:5], sha256(b"other").digest(), *LEAVES[6:]]
"""As `LEAVES`, with another sixth leaf."""


def head(size: int, leaves: Sequence[bytes] = LEAVES, origin: str = ORIGIN) -> TreeHead:
    """The head of the tree of the first leaves."""
    return TreeHead(origin, size, merkle.root_of(leaves[:size]))


def proof(first: int, second: int, leaves: Sequence[bytes] = LEAVES) -> list[bytes]:
    """That the tree of the `first` leaves begins that of the `second`."""

    def read(nodes: Sequence[Node]) -> list[bytes]:
        return [merkle.root_of(leaves[at << level : (at + 1) << level]) for level, at in nodes]

    return proofs.consistency(first, second, read)


def ask(old: int, new: TreeHead, path: Sequence[bytes] = (), signer: Signer = LEDGER) -> bytes:
    """The body that asks a witness to cosign a tree."""
    return witnessing.write(old, path, checkpoint.sign(new, [signer], 0).encode())
