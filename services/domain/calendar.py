"""Count working days in England and Wales: from published data, in London dates, never by a guess.

A working day is Monday to Friday, less the bank holidays that GOV.UK publishes, less the authority's own
closure days. The nth working day is counted *after* day 0, whatever day that is (HMCTS's convention).

Every function is pure. Two things are read, each once: the vendored data, through `importlib.resources`
when `published()` is first called, and the rules of Europe/London, by `zoneinfo` when first needed.
"""

from calendar import monthrange
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from functools import cache, lru_cache
from hashlib import sha256
from importlib.resources import files
from itertools import accumulate, compress
from zoneinfo import ZoneInfo

from msgspec import Struct, json
from msgspec.structs import replace

SATURDAY = 5


class BankHoliday(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One bank holiday as GOV.UK publishes it; `notes` says "Substitute day" or nothing."""

    date: date
    title: str
    notes: str


class BankHolidays(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The vendored document: what GOV.UK published for one division, where, under what licence, and when."""

    source: str
    publisher: str
    licence: str
    copy: str
    retrieved: date
    division: str
    events: tuple[BankHoliday, ...]


class Calendar(Struct, frozen=True, kw_only=True, cache_hash=True):
    """What is known of working days from `first_day` through `last_day`, both London dates.

    `version` names this knowledge: the date of the data, and a digest of the closure days if there are any.
    """

    version: str
    first_day: date
    last_day: date
    bank_holidays: frozenset[date]
    closure_days: frozenset[date] = frozenset()


class BeyondCalendar(Exception):
    """The answer lies outside the known years; use a newer calendar, or ask about a day within it."""

    def __init__(self, day: date, calendar: Calendar) -> None:
        super().__init__(day, calendar)
        self.day = day
        self.version = calendar.version
        self.first_year = calendar.first_day.year
        self.last_year = calendar.last_day.year

    def __str__(self) -> str:
        return (
            f"Counting working days from {self.day} leaves the known calendar: version {self.version} knows "
            f"{self.first_year} to {self.last_year}. Later years need a release with newer bank holidays."
        )


def load(document: bytes) -> BankHolidays:
    """Read a vendored document; raises `msgspec.ValidationError` naming what is wrong with it."""
    return json.decode(document, type=BankHolidays)


@cache
def published() -> BankHolidays:
    """The bank holidays of England and Wales that came with this release (reads the data once)."""
    data = files("services.domain") / "data" / "bank-holidays-england-and-wales.json"
    return load(data.read_bytes())


@cache
def england_and_wales() -> Calendar:
    """The calendar of this release, without any authority's closure days."""
    holidays = published()
    days = frozenset(holiday.date for holiday in holidays.events)
    return Calendar(
        version=holidays.retrieved.isoformat(),
        first_day=date(min(days).year, 1, 1),
        last_day=date(max(days).year, 12, 31),
        bank_holidays=days,
    )


def with_closure_days(calendar: Calendar, days: Iterable[date]) -> Calendar:
    """The same calendar less an authority's own closure days, under a version that tells them apart."""
    closed = calendar.closure_days | frozenset(days)
    digest = sha256(",".join(sorted(day.isoformat() for day in closed)).encode()).hexdigest()
    released = calendar.version.partition("+")[0]
    version = f"{released}+closures.{digest[:8]}" if closed else released
    return replace(calendar, version=version, closure_days=closed)


def is_working_day(day: date, calendar: Calendar) -> bool:
    """Whether `day`, a London date, is a working day; raises `BeyondCalendar`."""
    counts = _counts(calendar)
    offset = _offset(day, calendar)
    return counts.through[offset] > counts.before[offset]


def add_working_days(day: date, n: int, calendar: Calendar) -> date:
    """The nth working day after `day`, which may be any day; before it if `n` is negative; itself if 0.

    `n` is in working days, the answer a London date. Raises `BeyondCalendar`.
    """
    counts = _counts(calendar)
    offset = _offset(day, calendar)
    if n == 0:
        return day
    index = counts.through[offset] + n - 1 if n > 0 else counts.before[offset] + n
    if not 0 <= index < len(counts.working_days):
        raise BeyondCalendar(day, calendar)
    return counts.working_days[index]


def working_days_between(start: date, end: date, calendar: Calendar) -> int:
    """How many working days come after `start`, up to and including `end`; raises `BeyondCalendar`.

    Negative when `end` comes first: minus the working days after `end`, up to and including `start`.
    """
    through = _counts(calendar).through
    return through[_offset(end, calendar)] - through[_offset(start, calendar)]


def whole_working_day_passed(after: date, before: date, calendar: Calendar) -> bool:
    """Whether a working day lies strictly between two London dates; raises `BeyondCalendar`."""
    counts = _counts(calendar)
    return counts.before[_offset(before, calendar)] > counts.through[_offset(after, calendar)]


def london_date(instant: datetime) -> date:
    """The date in London at `instant`; raises `ValueError` when `instant` has no offset."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a UTC offset before it has a date in London")
    return instant.astimezone(_london()).date()


def in_london(instant: datetime) -> datetime:
    """The same instant as clocks in London show it."""
    return instant.astimezone(_london())


@lru_cache(maxsize=4096)
def london_midnight(day: date) -> datetime:
    """The instant, in UTC, at which `day` starts in London."""
    return london_time(day, time())


def london_time(day: date, at: time) -> datetime:
    """The instant, in UTC, at which clocks in London show `at` on `day`.

    Of a time shown twice (clocks go back) it is the first, unless `at.fold` is 1. A time that is skipped
    (clocks go forward) is taken as if they had not gone forward yet: 01:30 means 02:30 summer time.
    """
    return datetime.combine(_plain(day), at, _london()).astimezone(UTC)


def add_months(day: date, n: int) -> date:
    """The same day of the month `n` months later (earlier if negative), or that month's last day."""
    year, month = divmod(_plain(day).year * 12 + day.month - 1 + n, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


class _Counts(Struct, frozen=True, kw_only=True):
    """Working days counted once per calendar; `before` and `through` go by days since `first_day`."""

    working_days: tuple[date, ...]
    before: tuple[int, ...]
    through: tuple[int, ...]


@lru_cache(maxsize=16)
def _counts(calendar: Calendar) -> _Counts:
    days = range(calendar.first_day.toordinal(), calendar.last_day.toordinal() + 1)
    closed = {day.toordinal() for day in calendar.bank_holidays | calendar.closure_days}
    works = [(day - 1) % 7 < SATURDAY and day not in closed for day in days]  # day 1 was a Monday
    totals = tuple(accumulate(works, initial=0))
    working_days = tuple(map(date.fromordinal, compress(days, works)))
    return _Counts(working_days=working_days, before=totals[:-1], through=totals[1:])


def _offset(day: date, calendar: Calendar) -> int:
    if not calendar.first_day <= _plain(day) <= calendar.last_day:
        raise BeyondCalendar(day, calendar)
    return day.toordinal() - calendar.first_day.toordinal()


def _plain(day: date) -> date:
    """`day`, unless it is a `datetime`: to Python that is a date too, but its date may not be London's."""
    if isinstance(day, datetime):
        raise TypeError("this is an instant, not a date; ask london_date() for its date")
    return day


@cache
def _london() -> ZoneInfo:
    return ZoneInfo("Europe/London")
