"""Look closer at a bad position: read what stands and what was sealed around it, and name what is wrong."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

import asyncpg

from services.evidence import tiles
from services.evidence.errors import BadTile
from services.evidence.merkle import HASH_BYTES
from services.evidence.tiles import WIDTH, Tile
from services.ledger import diagnosis
from services.ledger.diagnosis import Finding, Place
from services.ledger.stored_event import StoredEvent, disagreement, position_in
from services.ledger.tree import Sealed, Tree
from services.runtime.postgres import Statements

NEAR: Final = 256  # positions that are searched for what moved, from the bad one on
TRIED: Final = 30_000  # milliseconds tried as the true `recordedat`: events are sealed within seconds
MILLISECOND: Final = timedelta(milliseconds=1)


class Inquiry:
    """What one bad position looks like, on the connection that found it; `last` is the last checkpoint."""

    def __init__(self, connection: asyncpg.Connection, statements: Statements, last: Sealed | None) -> None:
        self._connection = connection
        self._sql = statements
        self._last = last
        self._sealed = last.size if last else 0

    async def name(self, position: int) -> Finding:
        """What is wrong there; everything before it is as it was sealed."""
        rows = await self._near(position)
        here = rows.get(position)
        sealed = await self._leaves(position, position + NEAR)
        if here and not disagreement(here) and not await self._tile_holds(position):
            return Finding("changed", f"its hash in {_tile_of(position).path} is not as it was sealed")
        named = position_in(here.document.encode()) if here else None
        if named and named > position and named not in rows:
            rows |= await self._near(named)
            sealed |= await self._leaves(named, named + NEAR)
        place = Place(position, {at: row.document.encode() for at, row in rows.items()}, sealed, self._sealed)
        return diagnosis.displaced(place) or await self._change(place, rows)

    async def _change(self, place: Place, rows: dict[int, StoredEvent]) -> Finding:
        row = rows[place.position]
        wrong = disagreement(row)
        if place.was(row.document.encode(), place.position):
            return Finding("changed", wrong or "the event there is not whole")
        if found := diagnosis.backdated(place, await self._instants(row, rows.get(place.position + 1))):
            return found
        return Finding("changed", wrong or "the document is not the one that was sealed")

    async def _instants(self, row: StoredEvent, following: StoredEvent | None) -> Iterator[datetime]:
        """When the event may truly have been recorded: likely first, then before it was sealed."""
        sealed_at = await self._connection.fetchval(self._sql["covering_checkpoint"], row.position)
        bounds = [at for at in (sealed_at, following and following.recorded_at) if at]
        return _before(row.recorded_at, min(bounds, default=row.recorded_at))

    async def _near(self, position: int) -> dict[int, StoredEvent]:
        rows = await self._connection.fetch(self._sql["events_to_verify"], position - 1, NEAR)
        return {row["position"]: StoredEvent(*row) for row in rows}

    async def _leaves(self, first: int, last: int) -> dict[int, bytes]:
        """What was sealed at some positions; beyond the last checkpoint, nothing."""
        found: dict[int, bytes] = {}
        for at, hashes in await self._connection.fetch(self._sql["sealed_leaves"], first, last):
            for nth in range(len(hashes) // HASH_BYTES):
                position = at * WIDTH + nth + 1
                if first <= position <= min(last, self._sealed):
                    found[position] = hashes[nth * HASH_BYTES : (nth + 1) * HASH_BYTES]
        return found

    async def _tile_holds(self, position: int) -> bool:
        """Whether the level-0 tile of a position fits into the tree that was signed."""
        if position > self._sealed or self._last is None:
            return True
        tree, tile = Tree(self._connection, self._sql), _tile_of(position)
        try:
            if (tile.at + 1) * WIDTH > self._sealed:
                return await tree.root(self._sealed) == self._last.root
            at, within = divmod(tile.at, WIDTH)
            above = Tile(1, at, within + 1)
            contents = await tree.tiles([tile, above])
            tiles.check_above(tile, contents[tile], contents[above][-HASH_BYTES:])
        except (BadTile, KeyError):
            return False
        return True


def _before(likely: datetime, bound: datetime) -> Iterator[datetime]:
    yield likely
    start = bound.replace(microsecond=bound.microsecond // 1000 * 1000)
    yield from (start - nth * MILLISECOND for nth in range(TRIED))


def _tile_of(position: int) -> Tile:
    return Tile(0, (position - 1) // WIDTH)
