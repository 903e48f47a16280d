"""The one zip archive of some members: stored, not compressed, and every byte of it determined by them.

A reader writes the members that it found again and compares. So no byte outside them can differ, nothing can
stand before, between or after them, and there is nothing to decompress.
"""

import re
from collections.abc import Iterator, Mapping
from struct import Struct
from typing import Final
from zlib import crc32

from services.evidence.errors import BadBundle

MOST_MEMBERS: Final = 0xFFFF
MOST_BYTES: Final = 1 << 28  # 256 MiB
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*(/[A-Za-z0-9][A-Za-z0-9.-]*)?", re.ASCII)

_LOCAL: Final = Struct("<4s5H3L2H")
_CENTRAL: Final = Struct("<4s6H3L5H2L")
_END: Final = Struct("<4s4H2LH")
_NEEDED: Final = 10  # version 1.0 of the format
_MADE_BY: Final = 3 << 8 | _NEEDED  # on Unix, so that the mode is understood
_DAY: Final = 1 << 5 | 1  # 1 January 1980, the first that there is
_MODE: Final = 0o100644 << 16


def write(members: Mapping[str, bytes]) -> bytes:
    """The archive of these members, in their order; `BadBundle` if one cannot be in it."""
    written, directory, offset = [], [], 0
    for name, content in members.items():
        _check_name(name)
        described = (_NEEDED, 0, 0, 0, _DAY, crc32(content), len(content), len(content), len(name), 0)
        local = _LOCAL.pack(b"PK\x03\x04", *described)
        directory.append(
            _CENTRAL.pack(b"PK\x01\x02", _MADE_BY, *described, 0, 0, 0, _MODE, offset) + name.encode()
        )
        written += [local, name.encode(), content]
        offset += len(local) + len(name) + len(content)
        if offset > MOST_BYTES or len(directory) > MOST_MEMBERS:
            raise BadBundle("", f"there is more than fits: {MOST_BYTES} bytes, {MOST_MEMBERS} members")
    listed = b"".join(directory)
    end = _END.pack(b"PK\x05\x06", 0, 0, len(directory), len(directory), len(listed), offset, 0)
    return b"".join([*written, listed, end])


def read(raw: bytes) -> dict[str, bytes]:
    """The members of an archive that `write` made; `BadBundle` for every other."""
    if len(raw) > MOST_BYTES:
        raise BadBundle("", f"it is longer than {MOST_BYTES} bytes")
    members: dict[str, bytes] = {}
    for name, content in _walk(raw):
        if name in members:
            raise BadBundle(name, "it is there twice")
        members[name] = content
        if len(members) > MOST_MEMBERS:
            raise BadBundle("", f"it has more than {MOST_MEMBERS} members")
    again = write(members)
    if again != raw:
        at = _first_difference(again, raw)
        raise BadBundle("", f"from byte {at} on it is not the archive that its members make")
    return members


def _walk(raw: bytes) -> Iterator[tuple[str, bytes]]:
    at = 0
    while raw[at : at + 4] == b"PK\x03\x04" and len(raw) - at >= _LOCAL.size:
        *_, size, _, length, _ = _LOCAL.unpack_from(raw, at)
        at += _LOCAL.size
        name = raw[at : at + length].decode("ascii", "replace")
        _check_name(name)
        at += length
        yield name, raw[at : at + size]
        at += size


def _first_difference(one: bytes, other: bytes) -> int:
    same, differing = 0, min(len(one), len(other))
    while same < differing:
        middle = (same + differing) // 2
        if one[same : middle + 1] == other[same : middle + 1]:
            same = middle + 1
        else:
            differing = middle
    return same


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name) or ".." in name:
        raise BadBundle("", f"{name!r} is not the name of a member")
