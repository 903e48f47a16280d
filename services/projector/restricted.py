"""The restrictions of cases as rows: of every event that says so, even one beyond which a case is parked.

A parked case is shown as its computable beginning tells it, and must not be shown to more people for that.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from msgspec import Struct

from services.domain.errors import UnknownEventType
from services.domain.event import Recorded, decode
from services.domain.events.restriction import RESTRICTION_TYPES, RestrictionReason
from services.domain.restriction import Restriction, fold

_NAMED = tuple(f'"{name}"' for name in sorted(RESTRICTION_TYPES))
_UNREADABLE = Restriction(reason=RestrictionReason.OTHER)
"""What a newer release restricted, in words that this one cannot read: nobody sees it until this one can."""


class RestrictedRow(Struct, frozen=True, kw_only=True):
    """A case that only `allowed` see, and `open_to` until the instants in `open_until`; never `denied`."""

    case_id: str
    position: int
    allowed: list[str]
    denied: list[str]
    open_to: list[str]
    open_until: list[datetime]


def view(case_id: str, documents: Iterable[tuple[int, str]]) -> list[RestrictedRow]:
    """One row if the case is restricted. `documents` are all it has, with their positions, in order."""
    restriction, since = None, 0
    for position, record in _told(documents):
        restriction, since = fold(restriction, record) if record else _UNREADABLE, position
    if restriction is None:
        return []
    return [
        RestrictedRow(
            case_id=case_id,
            position=since,
            allowed=sorted(restriction.allowed),
            denied=sorted(restriction.denied),
            open_to=[each.who for each in restriction.opened],
            open_until=[each.until for each in restriction.opened],
        )
    ]


def _told(documents: Iterable[tuple[int, str]]) -> Iterator[tuple[int, Recorded | None]]:
    """The events that say something of it; None for one that cannot be read."""
    for position, document in documents:
        if not any(name in document for name in _NAMED):  # far quicker than to read them all
            continue
        try:
            record = decode(document)
        except (UnknownEventType, ValueError):
            yield position, None
            continue
        if record.event.TYPE in RESTRICTION_TYPES:
            yield position, record
