"""Change what the files of a stopped Postgres hold, byte for byte, its own page checksums put right or not.

As a forger would who has the disk and knows the format: docs "Database Page Layout", and checksum_impl.h.
"""

import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Final

PAGE: Final = 8_192
_ITEMS: Final = 24  # where a page's line pointers begin
_NORMAL: Final = 1  # a line pointer to a tuple
_CHECKSUM_AT: Final = 8
_HEADER_LENGTH_AT: Final = 22  # of a tuple
_PRIME: Final = 16_777_619
_WORD: Final = 0xFFFFFFFF
# fmt: off
_BASES: Final = (
    0x5B1F36E9, 0xB8525960, 0x02AB50AA, 0x1DE66D2A, 0x79FF467A, 0x9BB9F8A3, 0x217E7CD2, 0x83E13D2C,
    0xF8D4474F, 0xE39EB970, 0x42C6AE16, 0x993216FA, 0x7B093B5D, 0x98DAFF3C, 0xF718902A, 0x0B1C9CDB,
    0xE58F764B, 0x187636BC, 0x5D7B3BB1, 0xE73DE7DE, 0x92BEC979, 0xCCA6C0B2, 0x304A0979, 0x85AA43D4,
    0x783125BB, 0x6CA8EAA2, 0xE407EAC6, 0x4B5CFC3E, 0x9FBF8C76, 0x15CA20BE, 0xF2CA9FD3, 0x959BD756,
)
# fmt: on

Place = tuple[int, int]
"""A `ctid`: the block, from 0, and the item in it, from 1."""


class Heap:
    """One table's file, read whole; changed in memory, then saved."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._bytes = bytearray(path.read_bytes())

    def save(self, *, checksums: bool = True) -> None:
        """Write it back; without `checksums` as somebody would who does not know of them."""
        if checksums:
            for block in range(len(self._bytes) // PAGE):
                self._seal(block)
        self._path.write_bytes(self._bytes)

    def replace(self, place: Place, old: bytes, new: bytes) -> None:
        """Put bytes in the place of others, equally many, wherever they are in a row."""
        start, end = self._tuple(place)
        row = bytes(self._bytes[start:end])
        assert old in row
        assert len(old) == len(new)
        self._bytes[start:end] = row.replace(old, new)

    def delete(self, place: Place) -> None:
        """Let nothing point to a row any more; an index that does finds nothing."""
        self._set_item(place, 0)

    def rotate(self, places: Iterable[Place], keep: int) -> None:
        """Put each row's content in the next one's place, the last one's in the first's; all of one length.

        The first `keep` bytes of each, a key that an index has, stay where they are.
        """
        spans = [self._content(place, keep) for place in places]
        contents = [bytes(self._bytes[start:end]) for start, end in spans]
        assert len({len(content) for content in contents}) == 1
        for (start, end), content in zip(spans, [contents[-1], *contents], strict=False):
            self._bytes[start:end] = content

    def _content(self, place: Place, keep: int) -> tuple[int, int]:
        start, end = self._tuple(place)
        return start + self._bytes[start + _HEADER_LENGTH_AT] + keep, end

    def _tuple(self, place: Place) -> tuple[int, int]:
        block, _ = place
        (item,) = struct.unpack_from("<I", self._bytes, self._item_at(place))
        assert item >> 15 & 3 == _NORMAL
        start = block * PAGE + (item & 0x7FFF)
        return start, start + (item >> 17)

    def _set_item(self, place: Place, item: int) -> None:
        struct.pack_into("<I", self._bytes, self._item_at(place), item)

    def _item_at(self, place: Place) -> int:
        block, item = place
        return block * PAGE + _ITEMS + 4 * (item - 1)

    def _seal(self, block: int) -> None:
        page = self._bytes[block * PAGE : (block + 1) * PAGE]
        struct.pack_into("<H", self._bytes, block * PAGE + _CHECKSUM_AT, checksum(bytes(page), block))


def checksum(page: bytes, block: int) -> int:
    """The checksum that Postgres keeps in a page, whatever is there now."""
    blank = page[:_CHECKSUM_AT] + b"\0\0" + page[_CHECKSUM_AT + 2 :]
    words = struct.unpack("<2048I", blank) + (0,) * 64
    folded = 0
    for lane, base in enumerate(_BASES):
        total = base
        for word in words[lane::32]:
            mixed = total ^ word
            total = (mixed * _PRIME & _WORD) ^ mixed >> 17
        folded ^= total
    return (folded ^ block) % 65_535 + 1


def checksum_in(page: bytes) -> int:
    """The checksum that stands in a page."""
    (found,) = struct.unpack_from("<H", page, _CHECKSUM_AT)
    return int(found)
