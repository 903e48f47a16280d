"""Say what is wrong at the first bad position, from what stands there and after it and what was sealed there.

A document is known again wherever it now stands, also with its position rewritten: it is the event of
position q if, put at q, it hashes to the leaf that was sealed at q. Pure.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from services.evidence.merkle import leaf_hash
from services.ledger import stored_event
from services.ledger.stored_event import position_in, put_at


class Finding(NamedTuple):
    """What is wrong: one word for it, and a sentence."""

    kind: str
    what: str


class Place(NamedTuple):
    """A bad position, the documents that stand there and near it, and the leaves that were sealed there.

    The first `size` events are sealed. What is not has no leaf: a document is then held to be of the position
    that it names. All before the bad position is as it was.
    """

    position: int
    documents: Mapping[int, bytes]
    sealed: Mapping[int, bytes]
    size: int

    def was(self, document: bytes, position: int) -> bool:
        """Whether a document is the one that was appended at that position, wherever it stands now."""
        if position <= self.size:
            return leaf_hash(put_at(document, position)) == self.sealed.get(position)
        return position_in(document) == position

    @property
    def here(self) -> bytes | None:
        """The document that stands there."""
        return self.documents.get(self.position)


def displaced(place: Place) -> Finding | None:
    """What is wrong, if something is missing, inserted or reordered; None if the document was changed."""
    position, here = place.position, place.here
    now_at = _elsewhere(place, position)
    if here is None:
        moved = f"; its event stands at {now_at}" if now_at else ""
        return Finding("reordered" if now_at else "missing", f"there is no event{moved}")
    whose = _whose(place, here)
    if whose and _elsewhere(place, whose):
        whose = None  # a copy: the event itself still stands elsewhere
    if now_at and whose:
        return Finding(
            "reordered", f"the event there is that of position {whose}, and its own is at {now_at}"
        )
    if now_at:
        return Finding("inserted", f"the event there was never sealed; the one that was is at {now_at}")
    if whose:
        return Finding("missing", f"its event is gone, and that of position {whose} stands there")
    return None


def backdated(place: Place, instants: Iterable[datetime]) -> Finding | None:
    """The change, if it is one of `recordedat` alone, and the true one is among these instants."""
    here = place.here
    if here is None or place.position not in place.sealed:
        return None
    for instant in instants:
        if place.was(stored_event.recorded_at(here, instant), place.position):
            true = stored_event.written(instant).decode()
            return Finding("backdated", f"recordedat was changed: with {true} the document is the sealed one")
    return None


def _elsewhere(place: Place, position: int) -> int | None:
    """Where else the event of some position stands, but for the bad position."""
    others = (at for at in place.documents if at != place.position)
    return next((at for at in others if place.was(place.documents[at], position)), None)


def _whose(place: Place, document: bytes) -> int | None:
    """Of which other position the document is the event."""
    named = position_in(document)
    candidates = {*place.sealed, *([named] if named else [])}
    return next((at for at in sorted(candidates) if at > place.position and place.was(document, at)), None)
