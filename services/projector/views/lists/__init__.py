"""The lists: one table for all, one small module for each. A list that is added here is projected and served.

A row's place in its list is the position of the first event that tells of its object.
"""

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
    rows = [row for each in (*LISTS, ENTRIES) for row in _rows(each, told)]
    return sorted(rows, key=lambda row: row.position)


def _rows(each: List, told: Told) -> list[ListedRow]:
    firsts: dict[str, int] = {}
    for record in told.records:
        if isinstance(record.event, each.told_by):
            # What names no object of its own is about the case.
            firsts.setdefault(getattr(record.event, each.item.ID, told.case_id), record.position)
    return [_row(each, item, firsts) for item in each.view(told)] if firsts else []


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
