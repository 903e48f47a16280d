"""What the due board is asked, as its statements take it.

Whatever is asked, a statement gives exactly what stands so at the moment. The outcomes and the dates only
keep it from looking where nothing can.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from services.domain.calendar import london_date
from services.domain.deadlines import DeadlineState
from services.domain.terms import Outcome

EVERY: Final = tuple(DeadlineState)
NOT_OVER: Final = frozenset({DeadlineState.OPEN, DeadlineState.DUE_SOON})

_OUTCOMES: Final = {
    DeadlineState.OPEN: Outcome.PENDING,
    DeadlineState.DUE_SOON: Outcome.PENDING,
    DeadlineState.OVERDUE: Outcome.PENDING,
    DeadlineState.MET: Outcome.MET,
    DeadlineState.MET_LATE: Outcome.MET_LATE,
    DeadlineState.LAPSED: Outcome.LAPSED,
    DeadlineState.UNKNOWN: Outcome.UNKNOWN,
}


class Question(NamedTuple):
    """Which deadlines are asked for; `None` sets no bound. `due_before` is not asked for any more itself."""

    states: Collection[DeadlineState] = EVERY
    kind: str | None = None
    team: str | None = None
    worker: str | None = None
    case_id: str | None = None
    allocated: bool | None = None
    due_from: date | None = None
    due_before: date | None = None

    def binds(self, now: datetime) -> tuple[object, ...]:
        """The first binds of `deadlines.sql` and of `deadline_counts.sql`."""
        # What ends on a day to come stands until then as if it did not: the statements find it apart.
        outcomes = sorted({_OUTCOMES[state] for state in self.states})
        rest = (self.kind, self.team, self.worker, self.case_id, self.allocated)
        return (now, outcomes, list(self.states), *rest, *self._due(london_date(now)))

    def _due(self, today: date) -> tuple[date | None, date | None]:
        """The due dates that are asked for, less those on which nothing stands so today."""
        first, before, tomorrow = self.due_from, self.due_before, today + timedelta(days=1)
        if NOT_OVER.issuperset(self.states):
            first = max(first or today, today)
        if {DeadlineState.OVERDUE}.issuperset(self.states):
            before = min(before or tomorrow, tomorrow)
        return first, before
