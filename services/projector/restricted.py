"""The restrictions of cases as rows: of every event that says so, even one beyond which a case is parked.

A parked case is shown as its computable beginning tells it, and must not be shown to more people for that.
"""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from services.domain.events.restriction import RESTRICTION_TYPES
from services.domain.restriction import Restriction, told_by

_NAMED = tuple(f'"type":"{name}"' for name in sorted(RESTRICTION_TYPES))


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
    restriction: Restriction | None = None
    since = 0
    for position, document in documents:
        if any(name in document for name in _NAMED):  # far quicker than to read them all
            restriction, since = told_by(restriction, document), position
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
