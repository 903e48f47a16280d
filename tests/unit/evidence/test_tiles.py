"""Tiles hold just the tree: their paths, which are new, and what is proved from them."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.evidence import merkle, proofs, tiles
from services.evidence.errors import BadTile
from services.evidence.merkle import Frontier, Node
from services.evidence.tiles import Tile

MOST = 70_000
LEAVES = [merkle.leaf_hash(b"%d" % nth) for nth in range(MOST)]
LEVELS = Frontier().extend(LEAVES)
SIZES = (
    st.integers(1, MOST) | st.integers(1, 1_000) | st.sampled_from([255, 256, 257, 65_535, 65_536, 65_537])
)


def content(tile: Tile) -> bytes:
    hashes = LEVELS[tile.level * 8] if tile.level * 8 < len(LEVELS) else []
    return tiles.encode(hashes[tile.at * 256 : tile.at * 256 + tile.width])


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 5, 8), "tile/0/005.p/8"),
        (Tile(3, 1_234_067), "tile/3/x001/x234/067"),
        (Tile(0, 1_000, 255), "tile/0/x001/000.p/255"),
        (Tile(7, 999), "tile/7/999"),
    ],
)
def test_a_path_is_that_of_the_specification(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert tiles.parse_path(path) == tile


@given(st.integers(0, 7), st.integers(0, 10**12), st.integers(1, 256))
def test_a_path_is_read_as_it_was_written(level: int, at: int, width: int) -> None:
    assert tiles.parse_path(Tile(level, at, width).path) == Tile(level, at, width)


@pytest.mark.parametrize(
    "path",
    [
        *("", "tile/0/0", "tile/00/000", "tile/8/000", "tile/64/000", "tile/0/x000/001", "tile/0/001/001"),
        *("tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/08", "tile/0/000.p/", "/tile/0/000"),
        *(
            "tile/entries/000",
            "tile/0/x001",
            "tile/0/000\n",
            "tile/0/\u0660\u0660\u0660",
            "tile/-1/000",
            "tile/0/000.P/3",
        ),
    ],
)
def test_no_other_spelling_is_a_path(path: str) -> None:
    with pytest.raises(BadTile):
        tiles.parse_path(path)


def test_a_tree_of_70000_has_the_tiles_that_the_specification_counts() -> None:
    found = list(tiles.of_size(70_000))
    assert [sum(tile[::2] == kind for tile in found) for kind in [(0, 256), (1, 256), (2, 256)]] == [
        273,
        1,
        0,
    ]
    assert [tile for tile in found if tile.width < 256] == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert list(tiles.of_size(256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert list(tiles.of_size(0)) == []


@given(SIZES, SIZES)
def test_the_new_tiles_are_those_that_were_not_there(one: int, other: int) -> None:
    old, new = sorted([one, other])
    had = set(tiles.of_size(old))
    assert set(tiles.new_between(old, new)) == set(tiles.of_size(new)) - had
    assert all(tiles.stands(tile, new) for tile in had)


@settings(max_examples=50, deadline=None)
@given(SIZES, st.data())
def test_everything_is_proved_from_the_tiles_that_cover_it(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    first = data.draw(st.integers(1, size))
    spans = [
        *proofs.inclusion_spans(index, size),
        *proofs.consistency_spans(first, size),
        (0, size),
        (0, first),
    ]
    covering = tiles.covering(proofs.nodes_in(spans), size)
    assert set(covering) <= set(tiles.of_size(size))
    read = tiles.reader({tile: content(tile) for tile in covering})
    root = proofs.root(size, read)
    assert root == merkle.root_of(LEAVES[:size])
    proofs.check_inclusion(LEAVES[index], index, size, proofs.inclusion(index, size, read), root)
    was = proofs.root(first, read)
    proofs.check_consistency(first, size, was, root, proofs.consistency(first, size, read))


def test_a_tile_that_is_missing_or_too_narrow_is_named() -> None:
    read = tiles.reader({Tile(0, 0, 8): content(Tile(0, 0, 8))})
    assert read([Node(3, 0), Node(0, 7)]) == [LEVELS[3][0], LEAVES[7]]
    for node in (Node(0, 8), Node(4, 0), Node(8, 0), Node(0, 256)):
        with pytest.raises(BadTile, match="is missing, or too narrow"):
            read([node])


def test_a_tile_of_another_length_is_refused() -> None:
    for bad in lengths(content(Tile(0, 1, 3))):
        with pytest.raises(BadTile, match=r"tile/0/001\.p/3 has .* bytes; it takes 96"):
            tiles.decode(Tile(0, 1, 3), bad)


def lengths(good: bytes) -> Iterator[bytes]:
    yield from (b"", good[:-1], good[:-32], good + b"\x00", good * 2)


@given(st.integers(0, 272), st.integers(0, 8_191), st.integers(0, 7))
def test_a_full_tile_hashes_to_its_place_above_and_with_one_bit_other_does_not(
    at: int, byte: int, bit: int
) -> None:
    tile, good = Tile(0, at), content(Tile(0, at))
    tiles.check_above(tile, good, LEVELS[8][at])
    bad = good[:byte] + bytes([good[byte] ^ 1 << bit]) + good[byte + 1 :]
    with pytest.raises(BadTile, match="does not hash to its place"):
        tiles.check_above(tile, bad, LEVELS[8][at])
