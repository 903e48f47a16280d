"""What the due board and its counts answer: the rows, and what only the moment of asking can add."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from services.domain.calendar import Calendar
from services.domain.deadlines import Deadline, DeadlineState, stand
from services.domain.terms import Term
from services.domain.timescales import TIMESCALES

NAMES: Final = {each.rule: each.name for each in TIMESCALES}

States = dict[DeadlineState, int]
"""How many stand how; every state that was asked for is there."""


class CaseDeadline(Deadline, frozen=True, kw_only=True):
    """One deadline of a case. `team` and `worker` had the case when it was met or ended, or have it now.

    `name` says in words what is due.
    """

    name: str
    case_id: str
    team: str | None
    worker: str | None


class DeadlinePage(Struct, frozen=True):
    """Deadlines in order of their due dates; those that cannot be counted come last."""

    items: list[CaseDeadline]
    next: str | None


class TeamCounts(Struct, frozen=True, kw_only=True):
    """How many of one team's deadlines stand how; `team` is null for cases that no team has."""

    team: str | None
    states: States


class DeadlineCounts(Struct, frozen=True, kw_only=True):
    """How many deadlines stand how: team by team, and all together."""

    teams: list[TeamCounts]
    states: States


def deadline_of(row: Mapping[str, Any], now: datetime, days: Calendar) -> CaseDeadline:
    """One deadline of a row of `deadlines.sql`, which says how it stands at `now`."""
    deadline = stand(msgspec.convert(dict(row), Term), DeadlineState(row["state"]), now, days)
    return CaseDeadline(
        **asdict(deadline),
        name=NAMES.get(deadline.rule, deadline.rule),
        case_id=row["case_id"],
        team=row["team"],
        worker=row["worker"],
    )


def counts_of(rows: Iterable[Mapping[str, Any]], states: Iterable[DeadlineState]) -> DeadlineCounts:
    """The counts of the rows of `deadline_counts.sql`, in which a state that nothing stands in is absent."""
    none = dict.fromkeys(states, 0)
    teams: dict[str | None, States] = {}
    for row in rows:
        teams.setdefault(row["team"], dict(none))[DeadlineState(row["state"])] = row["number"]
    every = [TeamCounts(team=team, states=states) for team, states in teams.items()]
    return DeadlineCounts(
        teams=every, states={state: sum(each.states[state] for each in every) for state in none}
    )
