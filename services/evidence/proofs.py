"""Prove that a leaf is in a tree, and that a tree is the beginning of another; and check such proofs.

A proof is a list of hashes of 32 bytes, from the leaf's side to the root's (RFC 6962, 2.1.1 and 2.1.2). Nodes
are read from tiles, or from anywhere. Who must fetch before reading asks first which nodes it will take:

    tiles.covering(proofs.nodes_in(proofs.inclusion_spans(index, size)), size)
"""

from collections.abc import Callable, Iterator, Sequence

from services.evidence.errors import BadProof
from services.evidence.merkle import EMPTY_ROOT, HASH_BYTES, Node, join, node_hash, nodes_of

Read = Callable[[Sequence[Node]], Sequence[bytes]]
"""Gives the hash of each node, in order. Asked once for all that a proof takes."""

Span = tuple[int, int]  # the leaves [start, end) of one hash of a proof


def inclusion(index: int, size: int, read: Read) -> list[bytes]:
    """The audit path of the leaf at `index` in the tree of `size` leaves; `BadProof` if it is not in it."""
    return _joined(inclusion_spans(index, size), read)


def consistency(first: int, second: int, read: Read) -> list[bytes]:
    """The proof that the tree of `first` leaves begins that of `second`; empty from 0 and to itself."""
    return _joined(consistency_spans(first, second), read)


def inclusion_spans(index: int, size: int) -> list[Span]:
    """Which leaves each hash of an audit path covers, in the path's order (RFC 6962, 2.1.1)."""
    if not 0 <= index < size:
        raise BadProof(f"a tree of {size} leaves has no leaf {index}")
    start, end, spans = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    return spans[::-1]


def consistency_spans(first: int, second: int) -> list[Span]:
    """Which leaves each hash of a consistency proof covers, in the proof's order (RFC 6962, 2.1.2)."""
    if not 0 <= first <= second:
        raise BadProof(f"a tree of {first} leaves cannot begin one of {second}")
    if first in (0, second):
        return []
    start, end, spans = 0, second, []
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    if start:
        spans.append((start, end))
    return spans[::-1]


def nodes_in(spans: Sequence[Span]) -> list[Node]:
    """The nodes to read for some spans."""
    return [node for span in spans for node in nodes_of(*span)]


def root(size: int, read: Read) -> bytes:
    """The root of the tree's first `size` leaves, from its nodes."""
    return join(read(nodes_of(0, size)))


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """See that the tree with this root has the leaf hash at `index` (RFC 9162, 2.1.3.2); else `BadProof`."""
    if follow(leaf, index, size, proof) != root:
        raise BadProof(f"leaf {index} is not in the tree of {size}: its path leads to another root")


def follow(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """The root to which the path of a leaf leads; `BadProof` if it cannot be a path for these sizes."""
    _check_hashes([leaf, *proof])
    if not 0 <= index < size:
        raise BadProof(f"a tree of {size} leaves has no leaf {index}")
    lefts = _lefts(index, size - 1)
    _check_length(proof, len(lefts), f"the path of leaf {index} in a tree of {size}")
    joined = leaf
    for step, left in zip(proof, lefts, strict=True):
        joined = node_hash(step, joined) if left else node_hash(joined, step)
    return joined


def check_consistency(
    first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> None:
    """See that the tree of `first` leaves begins that of `second` (RFC 9162, 2.1.4.2); else `BadProof`."""
    _check_hashes([first_root, second_root, *proof])
    if not 0 <= first <= second:
        raise BadProof(f"a tree of {first} leaves cannot begin one of {second}")
    if first in (0, second):
        _check_trivial(first, second, first_root, second_root, proof)
        return
    shared = (first & -first).bit_length() - 1  # the height of the subtree at the right edge of the first
    lefts = _lefts((first - 1) >> shared, (second - 1) >> shared)
    whole = first == 1 << shared  # the first tree is that subtree, and its root is not sent again
    _check_length(proof, len(lefts) + (not whole), f"the proof from {first} to {second}")
    was, *steps = [first_root, *proof] if whole else proof
    now = was
    for step, left in zip(steps, lefts, strict=True):
        now = node_hash(step, now) if left else node_hash(now, step)
        was = node_hash(step, was) if left else was
    if was != first_root:
        raise BadProof(f"the proof from {first} to {second} leads to another root for {first}")
    if now != second_root:
        raise BadProof(f"the tree of {second} does not begin with the tree of {first}: the roots disagree")


def _lefts(at: int, last: int) -> list[bool]:
    """For each hash of a path from node `at` of a level that ends at `last`: whether it is on the left."""
    lefts = []
    while last:
        left = bool(at % 2) or at == last
        while left and at and not at % 2:
            at, last = at >> 1, last >> 1  # a node at the edge with no sibling rises as it is
        lefts.append(left)
        at, last = at >> 1, last >> 1
    return lefts


def _check_length(proof: Sequence[bytes], takes: int, what: str) -> None:
    if len(proof) != takes:
        raise BadProof(f"{what} has {len(proof)} hashes; it takes {takes}")


def _check_trivial(first: int, second: int, was: bytes, now: bytes, proof: Sequence[bytes]) -> None:
    if proof:
        raise BadProof(f"the proof from {first} to {second} must be empty and has {len(proof)} hashes")
    if first == 0 and was != EMPTY_ROOT:
        raise BadProof("the root of the empty tree is not that of the empty tree")
    if first == second and was != now:
        raise BadProof(f"two trees of {first} leaves have different roots")


def _check_hashes(hashes: Sequence[bytes]) -> None:
    for each in hashes:
        if len(each) != HASH_BYTES:
            raise BadProof(f"a hash of {len(each)} bytes; there are {HASH_BYTES} in one")


def _joined(spans: Sequence[Span], read: Read) -> list[bytes]:
    nodes = [nodes_of(*span) for span in spans]
    hashes: Iterator[bytes] = iter(read([node for run in nodes for node in run]))
    return [join([next(hashes) for _ in run]) for run in nodes]


def _split(count: int) -> int:
    """The largest power of two that is less than `count` (RFC 6962's k)."""
    return 1 << ((count - 1).bit_length() - 1)
