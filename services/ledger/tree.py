"""The tree in Postgres: its last checkpoint, its tiles, what is not in it yet, and how it grows."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import asyncpg

from services.evidence import merkle, proofs, tiles
from services.evidence.merkle import HASH_BYTES, Frontier, Node
from services.evidence.tiles import HEIGHT, WIDTH, Tile
from services.evidence.treehead import TreeHead
from services.ledger.dedicated import Dedicated
from services.runtime.postgres import Statements

SEALED_MEANWHILE: Final = asyncpg.SerializationError
"""What `Tree.grow` raises if the tree is no longer as it was read: another sealer was here."""


class Sealed(NamedTuple):
    """The last checkpoint as it is stored."""

    size: int
    root: bytes
    note: str


class Unsealed(NamedTuple):
    """The leaf hashes after the tree's size, and the first position at which something is wrong, if any."""

    leaves: list[bytes]
    wrong: int | None


class Growth(NamedTuple):
    """What is added to one tile, which had `width` hashes."""

    level: int
    at: int
    width: int
    added: bytes


class Tree:
    """The service's reads of the tree, and its one write. Raises what asyncpg raises."""

    def __init__(self, on: asyncpg.Pool | Dedicated, statements: Statements) -> None:
        self._on = on
        self._sql = statements

    async def last(self) -> Sealed | None:
        """The checkpoint of the tree as it is, or None before the first."""
        rows = await self._on.fetch(self._sql["last_checkpoint"])
        return Sealed(*rows[0]) if rows else None

    async def checkpoint(self, size: int) -> Sealed | None:
        """The checkpoint of just this size, or None."""
        rows = await self._on.fetch(self._sql["checkpoint_of"], size)
        return Sealed(*rows[0]) if rows else None

    async def checkpoints(self, after: int, until: int) -> list[Sealed]:
        """The checkpoints of more than `after` events, up to those of `until`, in order."""
        return [Sealed(*row) for row in await self._on.fetch(self._sql["checkpoints"], after, until)]

    async def tiles(self, wanted: Sequence[Tile]) -> dict[Tile, bytes]:
        """The contents of some tiles; one that the tree does not have is left out."""
        levels, places, widths = zip(*wanted, strict=True) if wanted else ((), (), ())
        rows = await self._on.fetch(self._sql["tiles"], levels, places, widths)
        return {Tile(level, at, width): hashes for level, at, width, hashes in rows}

    async def reader(self, nodes: Sequence[Node], size: int) -> proofs.Read:
        """What reads these nodes of the tree of `size` leaves, all fetched by one query.

        It raises `BadTile` for a node whose tile is missing.
        """
        return tiles.reader(await self.tiles(tiles.covering(nodes, size)))

    async def root(self, size: int) -> bytes:
        """The root of the first `size` leaves as the tiles have it; `BadTile` if they do not reach so far."""
        return (await self.frontier(size)).root()

    async def frontier(self, size: int) -> Frontier:
        """The edge of the tree of `size` leaves as the tiles have it; `BadTile` if they end before."""
        nodes = merkle.nodes_of(0, size)
        read = await self.reader(nodes, size)
        return Frontier(size, read(nodes))

    async def consistency(self, first: int, second: int) -> list[bytes]:
        """The proof that the tree of `first` leaves begins that of `second`, which the tiles must reach."""
        read = await self.reader(proofs.nodes_in(proofs.consistency_spans(first, second)), second)
        return proofs.consistency(first, second, read)

    async def unsealed(self, size: int, limit: int) -> Unsealed:
        """At most `limit` leaf hashes after the first `size`; Postgres hashes each document again."""
        ((_, joined, wrong),) = await self._on.fetch(self._sql["leaves_after"], size, limit)
        joined = joined or b""
        return Unsealed([joined[at : at + HASH_BYTES] for at in range(0, len(joined), HASH_BYTES)], wrong)

    async def grow(
        self, old: int, head: TreeHead, note: str, signed_at: datetime, growths: Iterable[Growth]
    ) -> None:
        """Put the new hashes in their tiles and keep the checkpoint: both or neither."""
        levels, places, widths, additions = zip(*growths, strict=True)
        binds = (old, head.size, head.root, signed_at, note, levels, places, widths, additions)
        await self._on.fetch(self._sql["seal"], *binds)


def growths(old: int, grown: Sequence[Sequence[bytes]]) -> list[Growth]:
    """What a tree's growth adds to its tiles: `grown` is what `Frontier.extend` gave, from size `old`."""
    found = []
    for level in range(0, len(grown), HEIGHT):
        first, hashes = old >> level, grown[level]
        done = 0
        while done < len(hashes):
            at, width = divmod(first + done, WIDTH)
            some = hashes[done : done + WIDTH - width]
            found.append(Growth(level // HEIGHT, at, width, tiles.encode(some)))
            done += len(some)
    return found
