"""The month of a birth, which stands in clear: what is counted from a birthday is counted from it.

A date of birth is sealed, and no reader of events has it. From its month a birthday is known to a month; each
timer takes the end of it that errs on the safe side.
"""

from calendar import monthrange
from datetime import date
from typing import Final

from msgspec.structs import replace

from services.domain import calendar
from services.domain.events import FactEvent
from services.domain.events.child import ChildDetails
from services.domain.events.private_fostering import PrivateFosteringNotified

MONTHS_A_YEAR: Final = 12


def month_of(day: date) -> str:
    """The month of a date, as events state it: `2009-04`."""
    return f"{day.year:04}-{day.month:02}"


def first_birthday(month: str, years: int) -> date:
    """The first day on which a child born in that month may come to that age."""
    return calendar.add_months(_first_of(month), years * MONTHS_A_YEAR)


def last_birthday(month: str, years: int) -> date:
    """The last day on which a child born in that month may come to that age."""
    first = _first_of(month)
    last = first.replace(day=monthrange(first.year, first.month)[1])
    return calendar.add_months(last, years * MONTHS_A_YEAR)


def has_come(month: str, day: date) -> bool:
    """Whether that month had begun by a day."""
    return month <= month_of(day)


def told_in_clear(event: FactEvent) -> FactEvent:
    """The event with the month of the date of birth that it tells, unless it names one itself."""
    match event:
        case ChildDetails(date_of_birth=date() as born, birth_month=None):
            return replace(event, birth_month=month_of(born))
        case PrivateFosteringNotified(child_dob=date() as born, child_birth_month=None):
            return replace(event, child_birth_month=month_of(born))
        case _:
            return event


def _first_of(month: str) -> date:
    return date(int(month[:4]), int(month[5:]), 1)
