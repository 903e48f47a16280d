"""Verify the whole ledger: each document against its leaf and its columns, the tree, every checkpoint.

It believes nothing that the database says of itself: the documents are hashed anew, and everything else is
held against that. Memory does not grow with the ledger. The first thing found wrong ends it, by its name.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import asyncpg

from services.evidence import checkpoint, note, treehead
from services.evidence.errors import EvidenceError
from services.evidence.keys import Verifier
from services.evidence.merkle import HASH_BYTES, Frontier
from services.evidence.treehead import TreeHead
from services.ledger.inquiry import Inquiry
from services.ledger.stored_event import hashed
from services.ledger.tree import Growth, Sealed, growths
from services.runtime.postgres import Statements

AT_ONCE: Final = 4_096
A_SECOND: Final = 1  # by which the whole seconds of a signature may be behind what it signs

DAMAGED: Final = (asyncpg.InternalServerError, asyncpg.PostgresIOError, UnicodeDecodeError, OverflowError)
"""What reading raises where the files of Postgres were changed: a page's checksum, or what it then holds."""

Progress = Callable[[int, int], None]
"""Told how many events have been verified, and how many there are."""


class Wrong(Exception):
    """The ledger is not what it says.

    `kind` says in a word what is wrong: changed, backdated, missing, inserted, reordered, rolled back, key
    changed. `position` is the first that is concerned, and 0 if it is none's alone; where only a checkpoint
    tells, the first is some position from there up to `until`.
    """

    def __init__(self, position: int, kind: str, what: str, until: int = 0) -> None:
        places = f"positions {position} to {until}" if until > position else f"position {position}"
        super().__init__(f"{places}: {kind}: {what}" if position else f"{kind}: {what}")
        self.position = position
        self.until = max(position, until)
        self.kind = kind


class Verified(NamedTuple):
    """What was found to hold: so many events, so many of them sealed, under so many checkpoints."""

    events: int
    sealed: int
    checkpoints: int


class Kept(NamedTuple):
    """The tree head of a checkpoint that was kept outside the database; `where` completes a sentence.

    `time` is when it is known to have been there, in POSIX seconds; 0 if that is not known.
    """

    head: TreeHead
    where: str
    time: int = 0


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
        self._held = 0  # the size of the largest checkpoint that was found to hold
        self._kept_held = 0  # the same, of those kept: what a forger signed anew says nothing of them

    async def run(self, progress: Progress) -> Verified:
        """Verify everything; raises `Wrong` at the first thing that is."""
        try:
            return await self._run(progress)
        except DAMAGED as error:
            raise Wrong(0, "changed", f"what Postgres keeps cannot be read: {error}") from None

    async def _run(self, progress: Progress) -> Verified:
        head: int = await self._connection.fetchval(self._sql["head"])
        row = await self._connection.fetchrow(self._sql["last_checkpoint"])
        last = Sealed(*row) if row else None
        sealed = last.size if last else 0
        done, end = 0, max(head, sealed)
        while rows := await self._read(done, min(AT_ONCE, end - done)):
            leaves = _leaves(rows, done)
            await self._compare(leaves, last)
            done += len(leaves)
            if len(leaves) < len(rows):
                raise await self._named(done + 1, last)
            progress(done, head)
        await self._compare_ends(done, head, sealed)
        return Verified(done, sealed, self._checkpoints)

    async def _compare(self, leaves: Sequence[bytes], last: Sealed | None) -> None:
        """Hold the leaves against the tiles, and the root at every checkpoint on the way against it."""
        first, sealed = self._frontier.size, last.size if last else 0
        known = [Sealed(*row) for row in await self._rows("checkpoints", first, first + len(leaves))]
        stops = {each.size: each for each in known}
        ends = sorted({*stops, *self._kept_within(first, first + len(leaves)), first + len(leaves)})
        for end in ends:
            start = self._frontier.size
            grown = self._frontier.extend(leaves[start - first : end - first])
            if start < sealed:
                await self._compare_tiles(growths(start, grown), last)
            if stored := stops.get(end):
                self._compare_checkpoint(stored)
            for kept in self._at.get(end, ()):
                if kept.head.root != self._frontier.root():
                    raise await self._contradicted(kept)
                self._held = self._kept_held = end

    async def _compare_tiles(self, grown: Sequence[Growth], last: Sealed | None) -> None:
        sealed = last.size if last else 0
        places = [each.level for each in grown], [each.at for each in grown]
        stored = {(level, at): hashes for level, at, hashes in await self._rows("whole_tiles", *places)}
        for each in grown:
            wanted = _within(each, sealed)
            begin = each.width * HASH_BYTES
            found = stored.get((each.level, each.at), b"")[begin : begin + len(wanted)]
            if found != wanted:
                at = next(_differing(found, wanted))
                position = (each.at * 256 + each.width + at << 8 * each.level) + 1
                if each.level == 0 and found:
                    raise await self._named(position, last)
                what = f"a hash of the tree is not as it was sealed, in tile/{each.level}/{each.at}"
                raise Wrong(position, "changed" if found else "missing", what)

    def _compare_checkpoint(self, stored: Sealed) -> None:
        self._checkpoints += 1
        size = stored.size
        try:
            signed = note.parse(stored.note.encode())
            head = treehead.parse(signed.text)
            trusted = [key for key in self._keys if key.name == head.origin]
            signed_by = checkpoint.check_signatures(signed, trusted)
            if self._keys and not checkpoint.is_vouched_for(signed_by, trusted):
                raise Wrong(0, "key changed", f"the checkpoint of {size} is signed by no key that was given")
        except EvidenceError as error:
            raise Wrong(0, "changed", f"the checkpoint of {size}: {error}") from None
        if (head.size, head.root) != (size, stored.root):
            raise Wrong(0, "changed", f"the checkpoint of {size} and what is stored beside it do not agree")
        if head.root != self._frontier.root():
            what = (
                f"the first {size} events are not those of the checkpoint of {size}, and the tree says so too"
            )
            raise Wrong(self._held + 1, "changed", what, size)
        self._held = size

    async def _compare_ends(self, done: int, head: int, sealed: int) -> None:
        """Hold where the events end against where all else says that they do."""
        if done < head:
            what = f"the head is at {head}, and the events end at {done}"
            raise Wrong(done + 1, "missing", what, head)
        if done < sealed:
            raise Wrong(
                done + 1, "rolled back", f"{sealed} events were sealed, and the ledger ends at {done}"
            )
        for kept in self._kept:
            if done < kept.head.size:
                what = f"{kept.where} is of {kept.head.size} events, and the ledger ends at {done}"
                raise Wrong(done + 1, "rolled back", what)
        if head < done:
            raise Wrong(0, "changed", f"the head is at {head}, and {done} events were sealed")
        if await self._read(done, 1):
            raise Wrong(done + 1, "inserted", f"the head is at {done}, and there is an event after it")
        reach: int = await self._connection.fetchval(self._sql["tiles_reach"])
        if reach != sealed:
            raise Wrong(0, "missing", f"the tree has {reach} leaves, and the last checkpoint is of {sealed}")

    async def _contradicted(self, kept: Kept) -> Wrong:
        """What it means that a checkpoint kept elsewhere is of other events."""
        size, what = kept.head.size, f"the first {kept.head.size} events are not those of {kept.where}"
        if kept.time:
            known_at = datetime.fromtimestamp(kept.time + A_SECOND, UTC)
            (row,) = await self._rows("first_recorded_after", self._kept_held, size, known_at)
            if row["position"]:
                what += ": the event there says that it was recorded after that"
                return Wrong(row["position"], "rolled back", what)
        return Wrong(self._kept_held + 1, "changed", what, size)

    async def _named(self, position: int, last: Sealed | None) -> Wrong:
        kind, what = await Inquiry(self._connection, self._sql, last).name(position)
        return Wrong(position, kind, what)

    async def _read(self, done: int, limit: int) -> list[asyncpg.Record]:
        """Rows after a position; of rows that Postgres cannot read itself, those before the first."""
        while True:
            try:
                async with self._connection.transaction():  # so that the run outlives an error
                    return await self._rows("events_to_verify", done, limit)
            except DAMAGED as error:
                if limit == 1:
                    raise Wrong(done + 1, "changed", f"its row cannot be read: {error}") from None
            limit //= 2

    def _kept_within(self, after: int, last: int) -> Sequence[int]:
        return self._sizes[bisect_right(self._sizes, after) : bisect_right(self._sizes, last)]

    async def _rows(self, statement: str, *binds: Any) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = await self._connection.fetch(self._sql[statement], *binds)
        return rows


def _leaves(rows: Sequence[asyncpg.Record], done: int) -> list[bytes]:
    """The leaf hashes of rows up to the first that is not at its place or does not agree with itself."""
    leaves: list[bytes] = []
    for nth, row in enumerate(rows, done + 1):
        leaf = hashed(row, nth)
        if leaf is None:
            break
        leaves.append(leaf)
    return leaves


def _within(growth: Growth, sealed: int) -> bytes:
    """As much of a tile's growth as the sealed tree has."""
    hashes = (sealed >> 8 * growth.level) - growth.at * 256 - growth.width
    return growth.added[: max(0, hashes) * HASH_BYTES]


def _differing(found: bytes, wanted: bytes) -> Iterator[int]:
    """Which hashes differ."""
    for at in range(0, len(wanted), HASH_BYTES):
        if found[at : at + HASH_BYTES] != wanted[at : at + HASH_BYTES]:
            yield at // HASH_BYTES
