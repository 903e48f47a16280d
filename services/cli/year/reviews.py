"""Reviews of looked-after children and of supervision orders: their days, chairs, reports and distributions.

All of them are planned together before any is written down, because what the report counts is the whole:
reports by month and days before, distributions in time, and how many the new reviewing officer chaired.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from msgspec import Struct

from services.cli.year.days import DAYS, LAST, later, month
from services.cli.year.diary import By
from services.cli.year.dice import Dice
from services.cli.year.figures import (
    CHAIRED_BY_IRO,
    DISTRIBUTIONS,
    DISTRIBUTIONS_IN_TIME,
    REPORTS_BY_MONTH,
)
from services.cli.year.lives import LATE_ORDER, LIVES, ORDERS
from services.cli.year.people import FORMER_IRO, IRO, LOCUM_IRO, SQAS_MANAGER
from services.domain import calendar

MOVED_FROM: Final = 20
"""A report that came so many days before a review came for an earlier day: the review was moved."""
IN_TIME: Final = 10
"""Working days within which recommendations are distributed."""
JUNE: Final = 2
NOVEMBER: Final = 7
MOVED_GROUP: Final = 1
"""The siblings whose reviews in November were moved."""


class Slot(Struct, frozen=True, kw_only=True):
    """One review of the year: whose (a life or an order, and which of its reviews), and in which month."""

    of: str
    nth: int
    planned: float
    in_table: bool = True
    alert: bool = False
    is_late: bool = False

    @property
    def month(self) -> int:
        """0 is April."""
        return int(self.planned)


class Plan(Struct, frozen=True, kw_only=True):
    """What is known of one review of the year beforehand."""

    held_on: date
    chair: By
    report_on: date | None = None
    distributed_on: date | None = None
    first_planned: date | None = None
    """When it was to be held before it was moved."""
    alert: bool = False
    """Whether it led to a practice alert."""


Plans = Mapping[tuple[str, int], Plan]


def plan(seed: int) -> Plans:
    """Every review of the year, by whose it is and which one."""
    dice = Dice(seed, "reviews")
    slots = [*_of_lives(), *_of_orders()]
    reports = _reports(dice, slots)
    days = {_key(slot): _day(slot.planned, reports.get(_key(slot))) for slot in slots}
    ordered = sorted(slots, key=lambda slot: (days[_key(slot)], slot.of, slot.nth))
    chairs = _chairs(dice, ordered)
    sent = _distributions(dice, ordered, days)
    found = {}
    for slot in ordered:
        key = _key(slot)
        before = reports.get(key)
        held = days[key]
        received = held - timedelta(days=before) if before is not None else None
        found[key] = Plan(
            held_on=held,
            chair=chairs[key],
            report_on=received,
            distributed_on=sent.get(key),
            alert=slot.alert,
            first_planned=later(received, 3) if received and before and before >= MOVED_FROM else None,
        )
    return found


def _of_lives() -> Iterator[Slot]:
    for name, life in LIVES.items():
        for nth, planned in enumerate(life.reviews):
            is_last = nth == len(life.reviews) - 1
            yield Slot(
                of=name, nth=nth, planned=planned, alert=nth in life.alerts, is_late=life.late and is_last
            )


def _of_orders() -> Iterator[Slot]:
    for name, order in ORDERS.items():
        for nth, planned in enumerate(order.reviews):
            in_table = planned not in order.beside
            is_late = name == LATE_ORDER and nth == 0
            yield Slot(of=name, nth=nth, planned=planned, in_table=in_table, is_late=is_late)


def _key(slot: Slot) -> tuple[str, int]:
    return slot.of, slot.nth


def _reports(dice: Dice, slots: Sequence[Slot]) -> dict[tuple[str, int], int]:
    """How many days before its review each report came, by month as the table has it."""
    found: dict[tuple[str, int], int] = {}
    for number, counts in enumerate(REPORTS_BY_MONTH):
        left = [slot for slot in slots if slot.month == number and slot.in_table]
        hardest_first = sorted(counts.items(), key=lambda count: (not _is_special(count[0]), -count[0]))
        for before, times in hardest_first:
            fit = [slot for slot in dice.shuffled(left) if _fits(slot, before, times)]
            for slot in fit[:times]:
                found[_key(slot)] = before
                left.remove(slot)
    return found


def _fits(slot: Slot, before: int, times: int) -> bool:
    """Reports long before or after a review are a looked-after child's; many at once are of one family."""
    in_group = slot.of.startswith("stayed") and LIVES[slot.of].siblings == MOVED_GROUP
    if _is_special(before):
        return slot.of in LIVES and in_group == (times > 1 and before > MOVED_FROM)
    return not in_group or slot.month != NOVEMBER


def _is_special(before: int) -> bool:
    return before < 0 or before > IN_TIME


def _day(planned: float, before: int | None) -> date:
    """A working day, at most five days before the one planned; if it can be, the report's day is one too."""
    latest = month(planned)
    near = [latest - timedelta(days=back) for back in range(6)]
    working = [day for day in near if calendar.is_working_day(day, DAYS)]
    fit = [
        day
        for day in working
        if before is not None and calendar.is_working_day(day - timedelta(days=before), DAYS)
    ]
    return (fit or working)[0]


def _chairs(dice: Dice, ordered: Sequence[Slot]) -> dict[tuple[str, int], By]:
    """The new officer chairs from June on, her predecessor before; a locum now and then, or the manager."""
    own = [slot for slot in ordered if slot.month >= JUNE and slot.in_table]
    given_away = [slot for slot in dice.shuffled(own) if not (slot.is_late or slot.alert)]
    locums = {_key(slot) for slot in given_away[: len(own) - CHAIRED_BY_IRO]}
    chairs = {}
    for slot in ordered:
        usual = FORMER_IRO if slot.month < JUNE else IRO if slot.in_table else SQAS_MANAGER
        chairs[_key(slot)] = LOCUM_IRO if _key(slot) in locums else usual
    return chairs


def _distributions(
    dice: Dice, ordered: Sequence[Slot], days: Mapping[tuple[str, int], date]
) -> dict[tuple[str, int], date]:
    """When each review's recommendations were sent out; those of the latest orders' reviews were not yet."""
    orders = [slot for slot in ordered if slot.of.startswith("order")]
    unsent = orders[DISTRIBUTIONS - len(ordered) :]
    sent = [slot for slot in ordered if slot not in unsent]
    early = [slot for slot in sent if slot.month <= LAST.month + 6]
    late = dice.shuffled(early)[: DISTRIBUTIONS - DISTRIBUTIONS_IN_TIME]
    found = {}
    for slot in sent:
        held = days[_key(slot)]
        working_days = dice.between(11, 17) if slot in late else dice.between(4, IN_TIME)
        found[_key(slot)] = min(later(held, working_days), _last_working_day())
    return found


def _last_working_day() -> date:
    return later(LAST, -1)
