"""What a timescale is: one rule of one document, with its unit, its warnings and the time it is in force."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from msgspec import Struct


class Basis(StrEnum):
    """Whose rule it is: of law, of guidance under it, or of this authority."""

    STATUTE = "STATUTE"
    GUIDANCE = "GUIDANCE"
    LOCAL = "LOCAL"


class Unit(StrEnum):
    """What a limit is counted in. Months: the same day of the month, or that month's last day."""

    HOURS = "HOURS"
    CALENDAR_DAYS = "CALENDAR_DAYS"
    WORKING_DAYS = "WORKING_DAYS"
    WEEKS = "WEEKS"
    MONTHS = "MONTHS"


class Timescale(Struct, frozen=True, kw_only=True):
    """One rule. Two documents that contradict each other are two rules of the same timer.

    `limit` is counted after what starts it; a negative one before it (a report, before its meeting).
    `warn_at` is counted in the same unit from the same start. `starts` and `stops` tell readers what the
    code does. In force from and until (the first day on which it no longer is) are days of starting.
    """

    rule: str
    timer: str
    name: str
    basis: Basis
    source: str
    limit: int
    unit: Unit
    starts: str
    stops: str
    warn_at: tuple[int, ...] = ()
    in_force_from: date | None = None
    in_force_until: date | None = None

    def is_in_force_on(self, day: date) -> bool:
        """Whether a timer that starts on `day` runs by this rule."""
        begun = self.in_force_from is None or self.in_force_from <= day
        return begun and (self.in_force_until is None or day < self.in_force_until)


def in_force(timescales: Iterable[Timescale], timer: str, day: date) -> list[Timescale]:
    """The rules by which a timer that starts on `day` runs: none, one, or several that disagree."""
    return [each for each in timescales if each.timer == timer and each.is_in_force_on(day)]
