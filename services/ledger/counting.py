"""Count working days as the office does at the commit that counts: less the closure days that it has set."""

from typing import NamedTuple

import structlog

from services.domain.calendar import Calendar
from services.domain.office import Office, working_days
from services.ledger.state import State
from services.ledger.store import Unreadable

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class Counting(NamedTuple):
    """A calendar, and the version of the office that it is of; None where that could not be read."""

    days: Calendar
    office_version: int | None


def counting(office: State | Unreadable, released: Calendar) -> Counting:
    """The office's calendar: the released one less its closure days."""
    if isinstance(office, Office):
        return Counting(working_days(office, released), office.version)
    # A newer release wrote to the office. Events are taken all the same, and name the calendar.
    log.error("office.unreadable")
    return Counting(released, None)
