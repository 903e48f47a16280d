"""Answer for a day of the past: the rows that the views make of the events that the question is about.

The views, and what is done about a case that they cannot compute, are those of the live rows. A history is
read by one statement, so an answer is of one position, as any other.
"""

import asyncio
from collections.abc import Iterator, Sequence
from itertools import compress
from typing import Any, Final, NamedTuple

from services.domain import as_at
from services.domain.as_at import AsAt
from services.domain.calendar import Calendar
from services.domain.event import Recorded
from services.domain.office import OFFICE
from services.projector import closures
from services.projector.computation import TABLES, Computed, Stored, compute, readable
from services.projector.reader import Found, Reader, Row
from services.runtime.clock import text

_PLACES: Final = {table.name: nth for nth, table in enumerate(TABLES)}


class NotThen(Exception):
    """What was asked for was not there then; `args[0]` says since when it is."""


class Then(NamedTuple):
    """What an answer is made of: all documents of a case, those that are asked for, and the office's days."""

    as_of: int
    documents: Sequence[Stored]
    chosen: Sequence[Stored]
    days: Calendar


class Past:
    """Reads histories through the reader of the live rows."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def find(self, table: str, case_id: str, asked: AsAt, *, at_least: int) -> Found:
        """The rows that a case had in a table; `first["known"]` says whether it has any event at all.

        Raises `NotThen` when none of its events is asked for, and what the reader raises.
        """
        then = await self._read(case_id, asked, at_least)
        if then.documents and not then.chosen:
            raise NotThen(_since("case", readable(then.documents), asked))
        return await _found(table, case_id, then)

    async def list(self, table: str, case_id: str, asked: AsAt, *, at_least: int) -> Found:
        """The same for a list: of a case that was not there then it is empty."""
        return await _found(table, case_id, await self._read(case_id, asked, at_least))

    async def find_alert(self, alert_id: str, case_id: str, asked: AsAt, *, at_least: int) -> Found:
        """The row that an alert had, if there is an event about it. Raises as `find` does."""
        then = await self._read(case_id, asked, at_least)
        found = await _found("alert", case_id, then)
        rows = [row for row in found.rows if row["alert_id"] == alert_id]
        events = readable(then.documents)
        about = [each for each in events if getattr(each.event, "alert_id", None) == alert_id]
        if about and not rows:
            raise NotThen(_since("alert", about, asked))
        return found._replace(rows=rows)

    async def _read(self, case_id: str, asked: AsAt, at_least: int) -> Then:
        found = await self._reader.find("history_of_case", case_id, key="position", at_least=at_least)
        documents: dict[str, list[Stored]] = {OFFICE: [], case_id: []}
        for row in found.rows:
            documents[row["case_id"]].append(Stored(row["position"], row["document"]))
        office = choose(documents.pop(OFFICE), asked)
        days = closures.working_days(closures.closure_days(each.document for each in office))
        of_case = documents.get(case_id, [])  # the office is no case
        return Then(found.as_of, of_case, choose(of_case, asked), days)


async def _found(table: str, case_id: str, then: Then) -> Found:
    computed = await asyncio.to_thread(compute, case_id, then.chosen, then.days)
    first = {"known": bool(then.documents), "closure_days": sorted(then.days.closure_days)}
    return Found(then.as_of, first, list(rows_of(computed, table)))


def choose(documents: Sequence[Stored], asked: AsAt) -> list[Stored]:
    """The documents of a case that are asked for."""
    return list(compress(documents, as_at.choose([each.document for each in documents], asked)))


def rows_of(computed: Computed, table: str) -> Iterator[Row]:
    """A case's rows in a table as the reader gives them; `parked` goes with each."""
    columns = TABLES[_PLACES[table]].columns
    parked = bool(computed.records[_PLACES["parked"]])
    for record in computed.records[_PLACES[table]]:
        row: dict[str, Any] = dict(zip(columns, record, strict=True))
        yield {**row, "parked": parked}


def beyond(found: Found, position: int) -> Found:
    """What a list goes on with after a position."""
    return found._replace(rows=[row for row in found.rows if row["position"] > position])


def _since(what: str, events: Sequence[Recorded], asked: AsAt) -> str:
    """Why nothing is there: the first bound that shuts out every event, or the two of them together."""
    recorded = min((each.recordedat for each in events), default=None)
    happened = min((as_at.happened(each) for each in events), default=None)
    if asked.recorded_until and recorded and recorded > asked.recorded_until:
        until = text(asked.recorded_until)
        return (
            f"Nothing of the {what} was known at {until}: its first event was recorded at {text(recorded)}."
        )
    if asked.occurred_until and happened and happened > asked.occurred_until:
        until = text(asked.occurred_until)
        return f"Nothing of the {what} had happened by {until}: it began at {text(happened)}."
    if asked.recorded_until and asked.occurred_until:
        known, by = text(asked.recorded_until), text(asked.occurred_until)
        return f"Nothing of the {what} that had happened by {by} was known at {known}."
    return f"The {what} was not there: what it began with was recorded in error, or not yet."
