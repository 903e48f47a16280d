"""Chronologies on HTTP: all that happened in a case, or in a family, and what workers picked out of it."""

from collections.abc import Callable, Mapping
from datetime import date
from operator import itemgetter
from typing import Any, Final

import msgspec
from litestar import Response, get
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from services.domain.events.families import FAMILIES, EventFamily, types_of
from services.domain.policy import Action
from services.projector.answering import answer_page, place
from services.projector.asking import ASKED, Asked
from services.projector.cursor import BEFORE_EVERY_ENTRY, BEFORE_EVERY_EVENT, EntryKey, EventKey
from services.projector.list_routes import item_of
from services.projector.outcomes import NOT_CAUGHT_UP, REFUSALS
from services.projector.parameters import (
    CaseId,
    Cursor,
    FamilyId,
    Limit,
    OfEntryState,
    OfEventFamilies,
    WaitFor,
)
from services.projector.past import Past
from services.projector.reader import Found, Reader, Row
from services.projector.views.lists import ENTRIES
from services.projector.views.lists.entries import Entry, EntryState
from services.projector.views.timeline import TimelineRow
from services.runtime import problems
from services.runtime.problems import NOT_FOUND, UNAVAILABLE, Problem

_ANSWERS = problems.responses(NOT_FOUND, NOT_CAUGHT_UP, UNAVAILABLE)
_entry_of = item_of(ENTRIES)
_when = itemgetter("happened_on", "time", "position")
_day = itemgetter("day", "position")
_EVENT: Final = ("case_id", "position")
_ENTRY: Final = ("day", "position")


class Happening(TimelineRow, frozen=True, kw_only=True):
    """One event, and what it is about."""

    about: EventFamily


class Chronology(Struct, frozen=True):
    """Events in the order of the days on which they happened, and of their times within a day."""

    items: list[Happening]
    next: str | None


class CuratedChronology(Struct, frozen=True):
    """Entries in the order of the days that they are about."""

    items: list[Entry]
    next: str | None


def routes(reader: Reader) -> list[ControllerRouterHandler]:
    """The routes of chronologies."""
    past = Past(reader)
    return [_chronology(reader, past), _curated(reader, past), _of_family(reader)]


def _chronology(reader: Reader, past: Past) -> ControllerRouterHandler:
    @get(
        "/v1/cases/{case_id:str}/chronology",
        opt={"action": Action.READ_CHRONOLOGY},
        responses=_ANSWERS,
        exception_handlers=REFUSALS,
        dependencies=ASKED,
    )
    async def read_chronology(  # noqa: PLR0913, PLR0917 - each is a parameter of the query
        case_id: CaseId,
        asked: Asked,
        about: OfEventFamilies = None,
        limit: Limit = 50,
        cursor: Cursor = None,
        wait_for: WaitFor = 0,
    ) -> Response[Chronology]:
        """Tell everything of a case in the order in which it happened, whenever it was recorded."""
        types, after = _types(about), place(cursor, EventKey, BEFORE_EVERY_EVENT)
        if asked.is_now:
            binds = (case_id, None, types, *after, limit + 1)
            found = await reader.find("chronology", *binds, key="case_id", at_least=wait_for)
        else:
            every = await past.find("timeline", case_id, asked, at_least=wait_for)
            shown = next((_when(row) for row in every.rows if (case_id, row["position"]) == after), None)
            found = _in_order(every, _when, shown, lambda row: types is None or row["type"] in types)
        if not found.first["known"]:
            raise Problem(NOT_FOUND)
        return answer_page(Chronology, found, limit, _happening_of, _EVENT)

    return read_chronology


def _curated(reader: Reader, past: Past) -> ControllerRouterHandler:
    @get(
        "/v1/cases/{case_id:str}/chronology/curated",
        opt={"action": Action.READ_CHRONOLOGY},
        responses=_ANSWERS,
        exception_handlers=REFUSALS,
        dependencies=ASKED,
    )
    async def read_curated_chronology(  # noqa: PLR0913, PLR0917 - each is a parameter of the query
        case_id: CaseId,
        asked: Asked,
        stands: OfEntryState = EntryState.STANDS,
        limit: Limit = 50,
        cursor: Cursor = None,
        wait_for: WaitFor = 0,
    ) -> Response[CuratedChronology]:
        """Show the chronology that workers put together, in order of the days that its entries are about."""
        after = place(cursor, EntryKey, BEFORE_EVERY_ENTRY)
        if asked.is_now:
            binds = (case_id, stands, *after, limit + 1)
            found = await reader.find("entries", *binds, key="case_id", at_least=wait_for)
        else:
            every = await past.find("listed", case_id, asked, at_least=wait_for)
            dated = every._replace(rows=[{**row, "day": row["began_on"] or date.max} for row in every.rows])
            found = _in_order(
                dated, _day, after, lambda row: (row["list"], row["state"]) == (ENTRIES.name, stands)
            )
        if not found.first["known"]:
            raise Problem(NOT_FOUND)
        return answer_page(CuratedChronology, found, limit, _entry_of, _ENTRY)

    return read_curated_chronology


def _of_family(reader: Reader) -> ControllerRouterHandler:
    @get(
        "/v1/families/{family_id:str}/chronology",
        opt={"action": Action.READ_CHRONOLOGY},
        responses=_ANSWERS,
        exception_handlers=REFUSALS,
    )
    async def read_chronology_of_family(
        family_id: FamilyId,
        about: OfEventFamilies = None,
        limit: Limit = 50,
        cursor: Cursor = None,
        wait_for: WaitFor = 0,
    ) -> Response[Chronology]:
        """Tell everything of all children of a family in the order in which it happened."""
        after = place(cursor, EventKey, BEFORE_EVERY_EVENT)
        binds = (None, family_id, _types(about), *after, limit + 1)
        found = await reader.find("chronology", *binds, key="case_id", at_least=wait_for)
        if not found.first["known"]:
            raise Problem(NOT_FOUND)
        return answer_page(Chronology, found, limit, _happening_of, _EVENT)

    return read_chronology_of_family


def _types(about: list[EventFamily] | None) -> list[str] | None:
    return [name for family in about for name in types_of(family)] if about else None


def _in_order(
    found: Found, order: Callable[[Row], Any], after: Any, is_wanted: Callable[[Row], bool]
) -> Found:
    """What the statements ask of rows, asked of rows of the past: those wanted, after one that was shown."""
    rows = sorted(filter(is_wanted, found.rows), key=order)
    return found._replace(rows=[row for row in rows if after is None or order(row) > after])


def _happening_of(row: Mapping[str, Any]) -> Happening:
    return msgspec.convert({**row, "about": FAMILIES[row["type"]]}, Happening)
