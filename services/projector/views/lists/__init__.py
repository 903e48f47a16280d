"""The lists: one table for all, one small module for each. A list that is added here is projected and served.

A row's place in its list is the position of the first event that tells of its object.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from msgspec import Struct, json

from services.projector.views.history import History
from services.projector.views.lists import (
    allegations,
    arrangements,
    assessments,
    conferences,
    enquiries,
    entries,
    periods,
    placements,
    plans,
    reviews,
)
from services.projector.views.lists.listed import Item, List, Told, told_of

LISTS: Final = (
    plans.LIST,
    periods.LIST,
    placements.LIST,
    reviews.LIST,
    conferences.LIST,
    assessments.LIST,
    enquiries.LIST,
    allegations.LIST,
    arrangements.LIST,
)
"""Those that are read across cases. No event tells of objects of two lists."""
ENTRIES: Final = entries.LIST

_TOLD_BY: Final = {kind: each for each in (*LISTS, ENTRIES) for kind in each.told_by}


class ListedRow(Struct, frozen=True, kw_only=True):
    """One object of one list; `item` is all that is answered of it, as JSON."""

    case_id: str
    position: int
    list: str
    object_id: str
    state: str
    began_on: date | None
    over_on: date | None
    item: str


def view(history: History) -> list[ListedRow]:
    """A row for each object of the case, in the order in which they were first told of."""
    told = told_of(history)
    rows = [_row(each, item, firsts) for each, firsts in _firsts(told) for item in each.view(told)]
    return sorted(rows, key=lambda row: row.position)


def _firsts(told: Told) -> Iterator[tuple[List, dict[str, int]]]:
    """The lists that the case has objects of, each with where these were first told of."""
    found: dict[str, dict[str, int]] = {}
    for record in told.records:
        if each := _TOLD_BY.get(type(record.event)):
            # What names no object of its own is about the case.
            object_id = getattr(record.event, each.item.ID, told.case_id)
            found.setdefault(each.name, {}).setdefault(object_id, record.position)
    return ((each, found[each.name]) for each in (*LISTS, ENTRIES) if each.name in found)


def _row(each: List, item: Item, firsts: dict[str, int]) -> ListedRow:
    object_id: str = getattr(item, each.item.ID)
    return ListedRow(
        case_id=item.case_id,
        position=firsts[object_id],
        list=each.name,
        object_id=object_id,
        state=item.state,
        began_on=item.began_on,
        over_on=item.over_on,
        item=json.encode(item).decode(),
    )
