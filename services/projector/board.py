"""What the due board is asked, as its statements take it.

Whatever is asked, a statement gives exactly what stands so at the moment. The outcomes and the dates only
keep it from looking where nothing can.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

import msgspec

from services.domain.calendar import london_date
from services.domain.deadlines import DeadlineState, state_at
from services.domain.terms import Outcome, Term

EVERY: Final = tuple(DeadlineState)
NOT_OVER: Final = frozenset({DeadlineState.OPEN, DeadlineState.DUE_SOON})

Row = Mapping[str, Any]

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

    def pick(self, rows: Iterable[Row], now: datetime) -> list[Row]:
        """What `deadlines.sql` would give of these rows of the table, in its order."""
        judged = [(row, msgspec.convert(row, Term)) for row in rows]
        standing = [(row, term, state_at(term, now)) for row, term in judged]
        found = [
            {**row, "state": state, "board_on": term.due_on or date.max}
            for row, term, state in standing
            if state in self.states and self._wants(row, term)
        ]
        return sorted(found, key=lambda row: (row["board_on"], row["case_id"], row["deadline_id"]))

    def _wants(self, row: Row, term: Term) -> bool:
        due_on = term.due_on or date.max
        return (
            self.kind in {None, term.rule, term.timer}
            and self.team in {None, row["team"]}
            and self.worker in {None, row["worker"]}
            and self.allocated in {None, row["worker"] is not None}
            and (self.due_from is None or self.due_from <= due_on)
            and (self.due_before is None or due_on < self.due_before)
        )

    def _due(self, today: date) -> tuple[date | None, date | None]:
        """The due dates that are asked for, less those on which nothing stands so today."""
        first, before, tomorrow = self.due_from, self.due_before, today + timedelta(days=1)
        if NOT_OVER.issuperset(self.states):
            first = max(first or today, today)
        if {DeadlineState.OVERDUE}.issuperset(self.states):
            before = min(before or tomorrow, tomorrow)
        return first, before
