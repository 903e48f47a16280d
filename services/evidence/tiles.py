"""Tiles: the tree cut into files that never change, as C2SP tlog-tiles cuts it.

A tile is a run of up to 256 hashes of one level. Those of level 0 are leaf hashes; each hash of level L + 1
is the root of a full tile of level L. A narrower tile is the beginning of the wider one at the same place, so
whoever keeps the widest can give out all.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from services.evidence.errors import BadTile
from services.evidence.merkle import HASH_BYTES, Node, pair

HEIGHT: Final = 8  # tree levels that a tile spans
WIDTH: Final = 256  # hashes in a full tile
MOST_LEVELS: Final = 8  # 256**8 leaves are more than a position can count

_PATH: Final = re.compile(
    r"tile/(0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII
)


class Tile(NamedTuple):
    """`width` hashes, 1 to 256, from the one at `at * 256` on, of a level of tiles."""

    level: int
    at: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """`tile/<L>/<N>[.p/<W>]`, such as `tile/0/x001/x234/067.p/8`."""
        digits = f"{self.at:03d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        parts = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        number = "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])
        return f"tile/{self.level}/{number}" + (f".p/{self.width}" if self.width < WIDTH else "")


def parse_path(path: str) -> Tile:
    """The tile that a path names; `BadTile` for every spelling but the one that `Tile.path` gives."""
    if found := _PATH.fullmatch(path):
        level, number, width = found.groups()
        tile = Tile(int(level), int(re.sub("[x/]", "", number)), int(width) if width else WIDTH)
        if tile.level < MOST_LEVELS and tile.path == path:
            return tile
    raise BadTile(f"`{path}` is not the path of a tile: tile/<level>/<index>[.p/<width>]")


def hashes_at(level: int, size: int) -> int:
    """How many hashes a tree of `size` leaves has at a level of tiles."""
    return size >> (HEIGHT * level)


def width_of(level: int, index: int, size: int) -> int:
    """How wide that tile is in a tree of `size` leaves; 0 if the tree has none there."""
    return max(0, min(WIDTH, hashes_at(level, size) - index * WIDTH))


def stands(tile: Tile, size: int) -> bool:
    """Whether a tree of `size` leaves determines the whole tile."""
    return 0 < tile.width <= width_of(tile.level, tile.at, size)


def new_between(old: int, new: int) -> Iterator[Tile]:
    """The tiles, full and partial, of a tree of `new` leaves that the one of `old` leaves did not have."""
    for level in range(MOST_LEVELS):
        before, after = hashes_at(level, old), hashes_at(level, new)
        if before == after:
            return
        for index in range(before // WIDTH, -(-after // WIDTH)):
            yield Tile(level, index, width_of(level, index, new))


def of_size(size: int) -> Iterator[Tile]:
    """All tiles of a tree of `size` leaves."""
    return new_between(0, size)


def encode(hashes: Sequence[bytes]) -> bytes:
    """A tile's content: its hashes, one after the other, without anything between."""
    return b"".join(hashes)


def decode(tile: Tile, content: bytes) -> list[bytes]:
    """A tile's hashes; `BadTile` if there are not as many as it is wide."""
    if len(content) != tile.width * HASH_BYTES:
        raise BadTile(f"{tile.path} has {len(content)} bytes; it takes {tile.width * HASH_BYTES}")
    return [content[at : at + HASH_BYTES] for at in range(0, len(content), HASH_BYTES)]


def covering(nodes: Iterable[Node], size: int) -> list[Tile]:
    """The tiles of the tree of `size` leaves from which the nodes can be computed, each once, in order."""
    places = {_place(node)[:2] for node in nodes}
    return [Tile(level, index, width_of(level, index, size)) for level, index in sorted(places)]


def reader(contents: Mapping[Tile, bytes]) -> Callable[[Sequence[Node]], list[bytes]]:
    """Read nodes from tiles that were fetched before; `BadTile` if one is missing or too narrow."""
    kept = {(tile.level, tile.at): decode(tile, content) for tile, content in contents.items()}

    def read(nodes: Sequence[Node]) -> list[bytes]:
        return [_node(kept, node) for node in nodes]

    return read


def check_above(tile: Tile, content: bytes, above: bytes) -> None:
    """See that a full tile's root is what the tile above says of it; else `BadTile`."""
    hashes = decode(tile, content)
    while len(hashes) > 1:
        hashes = pair(hashes)
    if tile.width != WIDTH or hashes != [above]:
        raise BadTile(f"{tile.path} does not hash to its place in the tile above it")


def _place(node: Node) -> tuple[int, int, int, int]:
    """The level and index of the tile that a node is in, and which of its hashes are the node's."""
    level, within = divmod(node.level, HEIGHT)
    first = node.at << within
    return level, first // WIDTH, first % WIDTH, 1 << within


def _node(kept: Mapping[tuple[int, int], Sequence[bytes]], node: Node) -> bytes:
    level, index, first, count = _place(node)
    hashes: Sequence[bytes] = kept.get((level, index), ())[first : first + count]
    if len(hashes) < count:
        raise BadTile(f"{Tile(level, index).path} is missing, or too narrow for {node}")
    while len(hashes) > 1:
        hashes = pair(hashes)
    return hashes[0]
