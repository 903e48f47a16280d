"""The year's days: working days, months counted from April 2017, and the times of day in London."""

from datetime import date, datetime, time, timedelta
from typing import Final

from services.domain import calendar

DAYS: Final = calendar.england_and_wales()
FIRST: Final = date(2017, 4, 1)
LAST: Final = date(2018, 3, 31)
OPENING: Final = calendar.london_midnight(FIRST)
"""When the ledger is opened: what happened before is typed in at this instant."""
CLOSE: Final = calendar.london_time(LAST, time(23))
"""The end of the year: what would happen later has not happened."""

_DAYS_OF_EVERY_MONTH: Final = 28


def month(months: float) -> date:
    """A day by months since 1 April 2017: 0.5 is in the middle of April, -1.0 the first of March."""
    whole = int(months // 1)
    return calendar.add_months(FIRST, whole) + timedelta(
        days=int(round(months % 1, 6) * _DAYS_OF_EVERY_MONTH)
    )


def working(day: date) -> date:
    """The day, or the last working day before it."""
    while not calendar.is_working_day(day, DAYS):
        day -= timedelta(days=1)
    return day


def later(day: date, working_days: int) -> date:
    """So many working days after a day; before it, if negative."""
    return calendar.add_working_days(day, working_days, DAYS)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """An instant by London's clocks."""
    return calendar.london_time(day, time(hour, minute))
