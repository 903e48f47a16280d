"""The tree head: what a checkpoint says, as C2SP tlog-checkpoint writes it.

<origin>
<size in decimal>
<base64 of the root hash>
[extension lines]
"""

import re
from typing import Final

from msgspec import Struct

from services.evidence.errors import BadNote, BadTreeHead
from services.evidence.merkle import EMPTY_ROOT, HASH_BYTES
from services.evidence.note import b64, decode_base64

MOST_LEAVES: Final = 2**63 - 1
_LEAST_LINES: Final = 3
_DECIMAL: Final = re.compile("0|[1-9][0-9]{0,18}", re.ASCII)


class TreeHead(Struct, frozen=True):
    """The ledger of this origin has, as its first `size` documents, those with this root (32 bytes)."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text that is signed."""
        return "".join(
            f"{line}\n" for line in (self.origin, str(self.size), b64(self.root), *self.extensions)
        )


def parse(text: str) -> TreeHead:
    """Read a tree head; `BadTreeHead` says what is wrong. `parse(text).text == text` for what is accepted."""
    lines = text.split("\n")
    if lines.pop() != "" or len(lines) < _LEAST_LINES or not all(lines):
        raise BadTreeHead("a tree head is three lines or more, none of them empty")
    origin, size, root, *extensions = lines
    if not _DECIMAL.fullmatch(size) or int(size) > MOST_LEAVES:
        raise BadTreeHead(f"the size is no decimal number: {size!r}")
    try:
        digest = decode_base64(root)
    except BadNote as error:
        raise BadTreeHead(f"the root {error}") from None
    if len(digest) != HASH_BYTES:
        raise BadTreeHead(f"the root has {len(digest)} bytes; it takes {HASH_BYTES}")
    if size == "0" and digest != EMPTY_ROOT:
        raise BadTreeHead("the tree is empty and its root is not that of the empty tree")
    return TreeHead(origin, int(size), digest, tuple(extensions))
