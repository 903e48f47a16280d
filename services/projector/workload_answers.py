"""What the workload answers: what each worker has, what each team has, and what nobody has."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from msgspec import Struct


class Due(Struct, frozen=True, kw_only=True):
    """How many deadlines ask somebody to act, and when the first of those that are not overdue is due."""

    open: int
    due_soon: int
    overdue: int
    next_due_on: date | None


class WorkerLoad(Struct, frozen=True, kw_only=True):
    """What one worker has in one team: open cases, their open alerts, and the deadlines."""

    team: str | None
    worker: str
    open_cases: int
    open_alerts: int
    deadlines: Due


class TeamLoad(Struct, frozen=True, kw_only=True):
    """What one team has; `unallocated_cases` are those of its open cases that no worker has."""

    team: str | None
    workers: int
    open_cases: int
    unallocated_cases: int
    open_alerts: int
    deadlines: Due


class WithoutOwner(Struct, frozen=True, kw_only=True):
    """What nobody looks after unless somebody is told to.

    `open_cases`: no worker was ever given them. `deadlines`: of cases that no worker was given, open or not.
    `deadlines_in_closed_cases`: their case was closed under them. `workers_without_cases` have deadlines, but
    no open case any more.
    """

    open_cases: int
    deadlines: Due
    deadlines_in_closed_cases: int
    workers_without_cases: list[str]


class Workload(Struct, frozen=True, kw_only=True):
    """Who has how much, in order of teams and workers, and what is left without an owner.

    Allegations, which are given to no worker, are left out.
    """

    workers: list[WorkerLoad]
    teams: list[TeamLoad]
    without_owner: WithoutOwner


Row = Mapping[str, Any]


def workload_of(rows: Sequence[Row]) -> Workload:
    """The workload of the rows of `workload.sql`: one for each team and worker."""
    owned = [row for row in rows if row["worker"] is not None]
    ownerless = [row for row in rows if row["worker"] is None]
    teams: dict[str | None, list[Row]] = defaultdict(list)
    for row in rows:
        teams[row["team"]].append(row)
    return Workload(
        workers=[_worker(row) for row in owned],
        teams=[_team(team, its_own) for team, its_own in teams.items()],
        without_owner=WithoutOwner(
            open_cases=_sum(ownerless, "open_cases"),
            deadlines=_due(ownerless),
            deadlines_in_closed_cases=_sum(rows, "in_closed_cases"),
            workers_without_cases=_idle(owned),
        ),
    )


def _worker(row: Row) -> WorkerLoad:
    return WorkerLoad(
        team=row["team"],
        worker=row["worker"],
        open_cases=row["open_cases"],
        open_alerts=row["open_alerts"],
        deadlines=_due([row]),
    )


def _team(team: str | None, rows: Sequence[Row]) -> TeamLoad:
    return TeamLoad(
        team=team,
        workers=sum(row["worker"] is not None and row["open_cases"] > 0 for row in rows),
        open_cases=_sum(rows, "open_cases"),
        unallocated_cases=sum(row["open_cases"] for row in rows if row["worker"] is None),
        open_alerts=_sum(rows, "open_alerts"),
        deadlines=_due(rows),
    )


def _idle(rows: Iterable[Row]) -> list[str]:
    cases: dict[str, int] = defaultdict(int)
    for row in rows:
        cases[row["worker"]] += row["open_cases"]
    return sorted(worker for worker, count in cases.items() if count == 0)


def _due(rows: Sequence[Row]) -> Due:
    return Due(
        open=_sum(rows, "open"),
        due_soon=_sum(rows, "due_soon"),
        overdue=_sum(rows, "overdue"),
        next_due_on=min((row["next_due_on"] for row in rows if row["next_due_on"]), default=None),
    )


def _sum(rows: Iterable[Row], column: str) -> int:
    return sum(row[column] for row in rows)
