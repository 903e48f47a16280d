"""Verify the whole ledger: each document against its leaf and its columns, the tree, every checkpoint.

It believes nothing that the database says of itself: the documents are hashed anew, and everything else is
held against that. Memory does not grow with the ledger. The first thing found wrong ends it.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import asyncpg
from msgspec import DecodeError, Struct, json

from services.evidence import checkpoint, note, treehead
from services.evidence.errors import EvidenceError
from services.evidence.keys import Verifier
from services.evidence.merkle import HASH_BYTES, Frontier, leaf_hash
from services.evidence.treehead import TreeHead
from services.ledger.tree import Growth, Sealed, growths
from services.runtime.postgres import Statements

AT_ONCE: Final = 8_192

Progress = Callable[[int, int], None]
"""Told how many events have been verified, and how many there are."""


class Wrong(Exception):
    """The ledger is not what it says. `position` is the first that is concerned; 0 if it is none's alone."""

    def __init__(self, position: int, kind: str, what: str) -> None:
        super().__init__(f"position {position}: {kind}: {what}" if position else f"{kind}: {what}")
        self.position = position
        self.kind = kind


class Verified(NamedTuple):
    """What was found to hold: so many events, so many of them sealed, under so many checkpoints."""

    events: int
    sealed: int
    checkpoints: int


class Kept(NamedTuple):
    """The tree head of a checkpoint that was kept outside the database; `where` completes a sentence."""

    head: TreeHead
    where: str


class _Attributes(Struct):
    position: int
    id: str
    source: str
    type: str
    subject: str
    time: datetime
    caseversion: int
    recordedat: datetime


class _Names(Struct):
    position: int


_attributes = json.Decoder(_Attributes)
_names = json.Decoder(_Names)


class Verification:
    """One run over a ledger, on a connection in one repeatable-read transaction, so that it sees one moment.

    `keys` are the ledger's, present and former; without any, signatures are not checked. `kept` are the
    checkpoints that somebody else has, whose signatures were checked already.
    """

    def __init__(
        self,
        connection: asyncpg.Connection,
        statements: Statements,
        keys: Sequence[Verifier] = (),
        kept: Sequence[Kept] = (),
    ) -> None:
        self._connection = connection
        self._sql = statements
        self._keys = keys
        self._kept = kept
        self._at: dict[int, list[Kept]] = {}
        for each in kept:
            self._at.setdefault(each.head.size, []).append(each)
        self._sizes = sorted(self._at)
        self._frontier = Frontier()
        self._checkpoints = 0

    async def run(self, progress: Progress) -> Verified:
        """Verify everything; raises `Wrong` at the first thing that is."""
        head: int = await self._connection.fetchval(self._sql["head"])
        last = await self._connection.fetchrow(self._sql["last_checkpoint"])
        sealed: int = last["size"] if last else 0
        if sealed > head:
            raise Wrong(
                head + 1, "rolled back", f"{sealed} events were sealed, and the ledger ends at {head}"
            )
        for size, where in ((each.head.size, each.where) for each in self._kept):
            if size > head:
                what = f"{where} is of {size} events, and the ledger ends at {head}"
                raise Wrong(head + 1, "rolled back", what)
        done = 0
        while rows := await self._connection.fetch(self._sql["events_to_verify"], done, AT_ONCE):
            leaves = [_leaf(done + nth, row) for nth, row in enumerate(rows, 1)]
            await self._seal(leaves, sealed)
            done += len(rows)
            progress(done, head)
        if done != head:
            raise Wrong(
                min(done, head) + 1, "missing", f"the head is at {head}, and the events end at {done}"
            )
        return Verified(done, sealed, self._checkpoints)

    async def _seal(self, leaves: Sequence[bytes], sealed: int) -> None:
        """Hold the leaves against the tiles, and the root at every checkpoint on the way against it."""
        first = self._frontier.size
        known = [Sealed(*row) for row in await self._rows("checkpoints", first, first + len(leaves))]
        stops = {each.size: each for each in known}
        ends = sorted({*stops, *self._kept_within(first, first + len(leaves)), first + len(leaves)})
        for end in ends:
            start = self._frontier.size
            grown = self._frontier.extend(leaves[start - first : end - first])
            if start < sealed:
                await self._compare_tiles(growths(start, grown), sealed)
            if stored := stops.get(end):
                self._compare_checkpoint(stored)
            for kept in self._at.get(end, ()):
                if kept.head.root != self._frontier.root():
                    raise Wrong(0, "changed", f"the first {end} events are not those of {kept.where}")

    async def _compare_tiles(self, grown: Sequence[Growth], sealed: int) -> None:
        places = [each.level for each in grown], [each.at for each in grown]
        stored = {(level, at): hashes for level, at, hashes in await self._rows("whole_tiles", *places)}
        for each in grown:
            wanted = _within(each, sealed)
            begin = each.width * HASH_BYTES
            found = stored.get((each.level, each.at), b"")[begin : begin + len(wanted)]
            if found != wanted:
                at = next(_differing(found, wanted))
                position = (each.at * 256 + each.width + at << 8 * each.level) + 1
                what = "the document and its leaf" if each.level == 0 and found else "a hash of the tree"
                kind = "changed" if found else "missing"
                raise Wrong(position, kind, f"{what} is not as it was sealed in tile/{each.level}/{each.at}")

    def _compare_checkpoint(self, stored: Sealed) -> None:
        self._checkpoints += 1
        size = stored.size
        try:
            signed = note.parse(stored.note.encode())
            head = treehead.parse(signed.text)
            trusted = [key for key in self._keys if key.name == head.origin]
            if self._keys and not checkpoint.check_signatures(signed, trusted):
                raise Wrong(0, "key changed", f"the checkpoint of {size} is signed by no key that was given")
        except EvidenceError as error:
            raise Wrong(0, "changed", f"the checkpoint of {size}: {error}") from None
        if (head.size, head.root) != (size, stored.root) or head.root != self._frontier.root():
            raise Wrong(0, "changed", f"the first {size} events are not those of the checkpoint of {size}")

    def _kept_within(self, after: int, last: int) -> Sequence[int]:
        return self._sizes[bisect_right(self._sizes, after) : bisect_right(self._sizes, last)]

    async def _rows(self, statement: str, *binds: Any) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = await self._connection.fetch(self._sql[statement], *binds)
        return rows


def _leaf(expected: int, row: asyncpg.Record) -> bytes:
    """The leaf hash of a row's document, once the row is found to be at its place and to agree with it."""
    position, text, leaf, *columns = row
    if position != expected:
        raise Wrong(expected, "missing", f"the next event is at {position}")
    document = text.encode()
    hashed = leaf_hash(document)
    try:
        names = _names.decode(document).position
        if names != position:
            raise Wrong(position, "reordered", f"the document there is that of position {names}")
        if hashed != leaf:
            raise Wrong(position, "changed", "the document does not hash to its leaf")
        said = _attributes.decode(document)
    except DecodeError as error:
        raise Wrong(position, "changed", f"the document there is none: {error}") from None
    named = [said.subject, said.caseversion, said.source, said.id, said.type, said.time, said.recordedat]
    if columns != named:
        raise Wrong(position, "changed", "a column beside the document says something else")
    return hashed


def _within(growth: Growth, sealed: int) -> bytes:
    """As much of a tile's growth as the sealed tree has."""
    hashes = (sealed >> 8 * growth.level) - growth.at * 256 - growth.width
    return growth.added[: max(0, hashes) * HASH_BYTES]


def _differing(found: bytes, wanted: bytes) -> Iterator[int]:
    """Which hashes differ."""
    for at in range(0, len(wanted), HASH_BYTES):
        if found[at : at + HASH_BYTES] != wanted[at : at + HASH_BYTES]:
            yield at // HASH_BYTES
