"""Count the year in what a ledger holds, beside what the reports print.

Nothing of how the year was made is used here: only its events, folded as every reader folds them.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TypeVar

from msgspec import Struct

from services.cli.year.days import CLOSE, DAYS, FIRST, LAST
from services.domain.case import Case, walk
from services.domain.deadlines import Deadline, DeadlineState, judge
from services.domain.event import Recorded
from services.domain.events.shape import Event
from services.domain.facts import E, Fact
from services.domain.terms import terms

K = TypeVar("K")


class Figure(Struct, frozen=True):
    """One number: in which report, what it is of, what it comes to here, and what the report prints."""

    report: str
    name: str
    counted: str
    printed: str

    @property
    def agrees(self) -> bool:
        """Whether both are the same."""
        return self.counted == self.printed


def figure(report: str, name: str, counted: object, printed: object) -> Figure:
    """A figure, both sides as text."""
    return Figure(report, name, in_words(counted), in_words(printed))


def in_words(value: object) -> str:
    """A number, several of them, or counts by name, as text that compares."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {number}" for name, number in value.items() if number)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return " ".join(str(each) for each in value)
    return str(value)


def sorted_like(counted: Mapping[K, int], printed: Mapping[K, int]) -> dict[K, int]:
    """The counts in the report's order, with whatever the report does not know at the end."""
    return {each: counted[each] for each in (*printed, *(set(counted) - set(printed))) if counted.get(each)}


def in_year(on: date) -> bool:
    """Whether a day lies within it."""
    return FIRST <= on <= LAST


def of(cases: Iterable[Case], kind: type[E]) -> list[tuple[Case, Fact[E]]]:
    """The facts of one type that happened in the year, each with its case."""
    return [(case, each) for case in cases for each in case.facts.of(kind) if in_year(each.on)]


def records(case: Case, kind: type[Event]) -> list[Recorded]:
    """Everything ever recorded of a type in a case, voided or not."""
    return [record for record in walk(case.last) if isinstance(record.event, kind)]


def ever_recorded(case: Case, kind: type[E]) -> list[E]:
    """Every event of a type in a case, voided or not."""
    return [record.event for record in records(case, kind) if isinstance(record.event, kind)]


def met(cases: Iterable[Case], rules: frozenset[str]) -> Counter[DeadlineState]:
    """How the deadlines under these rules were met that were met in the year."""
    found: Counter[DeadlineState] = Counter()
    for case in cases:
        due = (judge(each, CLOSE, DAYS) for each in terms(case, DAYS) if each.rule in rules)
        found.update(each.state for each in due if each and is_met_in_year(each))
    return found


def is_met_in_year(deadline: Deadline) -> bool:
    """Whether it was met, in time or late, within the year."""
    return deadline.met_on is not None and in_year(deadline.met_on)


def percent(part: int, whole: int) -> int:
    """In whole percent, rounded half up, as the reports do."""
    return (200 * part + whole) // (2 * whole)
