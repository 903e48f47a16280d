"""The office's closure days in the read models: those that its history sets, up to the checkpoint.

Every deadline of a generation is counted with the same ones. When they change, the deadlines that are counted
over a day that did are computed anew in the transaction that moves the checkpoint, so nobody sees a mixture.
"""

from collections.abc import Iterable
from datetime import date

import asyncpg

from services.domain import office
from services.domain.calendar import Calendar, england_and_wales, with_closure_days
from services.domain.errors import UnknownEventType
from services.domain.event import decode
from services.domain.office import Office
from services.runtime.postgres import Statements


async def calendar_of(connection: asyncpg.Connection, sql: Statements, generation: int) -> Calendar:
    """The calendar that a generation's deadlines are counted with."""
    return working_days(await connection.fetchval(sql["closure_days"], generation))


def working_days(closure_days: Iterable[date]) -> Calendar:
    """The calendar of this release less some closure days."""
    return with_closure_days(england_and_wales(), closure_days)


async def take_in(connection: asyncpg.Connection, sql: Statements, generation: int) -> set[str]:
    """Count with what the office's history says by now; gives the cases that are to be computed anew."""
    before = frozenset(await connection.fetchval(sql["closure_days"], generation))
    history = await connection.fetch(sql["office_history"], generation)
    after = closure_days(document for _, document in history)
    if before == after:
        return set()
    await connection.execute(sql["set_closure_days"], generation, sorted(after))
    found = await connection.fetch(sql["cases_counted_over"], generation, sorted(before ^ after))
    return {case_id for (case_id,) in found}


def closure_days(documents: Iterable[str]) -> frozenset[date]:
    """The closure days that the office's documents set, in their order; what is not known sets none."""
    return office_of(documents).closure_days


def office_of(documents: Iterable[str]) -> Office:
    """The office that some of its documents tell, in their order; what is not known tells nothing."""
    folded = Office()
    for document in documents:
        try:
            folded = office.fold(folded, decode(document))
        except (UnknownEventType, ValueError):  # a newer release's, or of a shape that this one does not know
            continue
    return folded
