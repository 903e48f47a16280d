"""The Merkle tree of RFC 6962 over leaf hashes: how it grows, and its root, without keeping the leaves.

Leaf index = position - 1. A tree of n leaves is, from left to right, one perfect subtree for each bit set
in n; their hashes, the frontier, are all that growing and the root need.
"""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import pairwise
from typing import Final, NamedTuple, Self

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()
LEAF: Final = b"\x00"
NODE: Final = b"\x01"


class Node(NamedTuple):
    """A perfect subtree: `at` counts from the left those of 2**`level` leaves. Level 0 is the leaves."""

    level: int
    at: int


def leaf_hash(document: bytes) -> bytes:
    """SHA-256(0x00 || document), 32 bytes (RFC 6962, 2.1)."""
    return sha256(LEAF + document).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right), 32 bytes (RFC 6962, 2.1)."""
    return sha256(NODE + left + right).digest()


def pair(hashes: Sequence[bytes]) -> list[bytes]:
    """The hashes one level up; of an odd number the last is left out."""
    each = iter(hashes)
    return [sha256(b"\x01" + left + right).digest() for left, right in zip(each, each, strict=False)]


def join(hashes: Iterable[bytes]) -> bytes:
    """The hash of a run of perfect subtrees that get smaller from left to right; 32 bytes.

    Of none, the root of the empty tree.
    """
    from_the_right = list(hashes)[::-1]
    if not from_the_right:
        return EMPTY_ROOT
    joined = from_the_right[0]
    for left in from_the_right[1:]:
        joined = node_hash(left, joined)
    return joined


def nodes_of(start: int, end: int) -> list[Node]:
    """The perfect subtrees that make up the leaves [start, end), from left to right.

    They get smaller where `start` is a multiple of the least power of two that is no less than `end - start`,
    as it is for every subtree that RFC 6962 names; `join` then gives that subtree's hash.
    """
    nodes: list[Node] = []
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        nodes.append(Node(level, start >> level))
        start += 1 << level
    return nodes


class Frontier:
    """How a tree stands at its right edge: enough to extend it and to say its root.

    `hashes` are those of `nodes_of(0, size)`: 32 bytes each, at most 64 of them.
    """

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        nodes = nodes_of(0, size)
        if len(hashes) != len(nodes):
            raise ValueError(f"a tree of {size} has {len(nodes)} hashes at its edge, not {len(hashes)}")
        self._size = size
        self._at = {node.level: digest for node, digest in zip(nodes, hashes, strict=True)}

    @property
    def size(self) -> int:
        """The number of leaves."""
        return self._size

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """The perfect subtrees' hashes, the largest first."""
        return tuple(self._at[level] for level in sorted(self._at, reverse=True))

    def root(self) -> bytes:
        """The Merkle tree hash of all leaves so far, 32 bytes."""
        return join(self.hashes)

    def copy(self) -> Self:
        """One that can be extended while this one stays."""
        return type(self)(self._size, self.hashes)

    def extend(self, leaves: Sequence[bytes]) -> list[list[bytes]]:
        """Put leaf hashes on the right; gives the perfect subtrees that are new, by level.

        The first new one at a level is at `size_before >> level`. About one SHA-256 for each leaf.
        """
        grown = [list(leaves)]
        self._size += len(leaves)
        level = 0
        while new := grown[level]:
            edge = self._at.pop(level, None)
            whole = new if edge is None else [edge, *new]
            if len(whole) % 2:
                self._at[level] = whole[-1]
            grown.append(pair(whole))
            level += 1
        return grown[:-1]


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The Merkle tree hash of leaf hashes, 32 bytes (RFC 6962, 2.1)."""
    frontier = Frontier()
    frontier.extend(leaves)
    return frontier.root()


def roots_at(sizes: Sequence[int], leaves: Iterable[Sequence[bytes]]) -> Iterator[tuple[int, bytes]]:
    """The roots that a tree has at some sizes, ascending, as its leaves come by in chunks.

    Ends early, without the sizes that were not reached, where the leaves end early.
    """
    if any(later <= earlier for earlier, later in pairwise(sizes)):
        raise ValueError("the sizes must ascend")
    frontier = Frontier()
    wanted = iter(sizes)
    following = next(wanted, None)
    while following == 0:
        yield 0, EMPTY_ROOT
        following = next(wanted, None)
    for chunk in leaves:
        done = 0
        while following is not None and following <= frontier.size + len(chunk) - done:
            stop = done + following - frontier.size
            frontier.extend(chunk[done:stop])
            done = stop
            yield following, frontier.root()
            following = next(wanted, None)
        frontier.extend(chunk[done:])
