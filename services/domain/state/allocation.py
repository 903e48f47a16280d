"""Allocation: whose case it is and was, by the days on which it was given, not by those of recording."""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from services.domain.events.referral import CaseAllocated, CaseReallocated
from services.domain.facts import Fact, Facts


class Allocation(Struct, frozen=True, kw_only=True):
    """A worker has the case from the London date `since` until the next one has."""

    worker: str
    team: str | None
    since: date


def allocations(facts: Facts) -> list[Allocation]:
    """Every allocation in the order of their days. Where none is named, the team stays what it was."""
    given: list[Fact[CaseAllocated] | Fact[CaseReallocated]] = [
        *facts.of(CaseAllocated),
        *facts.of(CaseReallocated),
    ]
    found: list[Allocation] = []
    for each in sorted(given, key=lambda each: (each.on, each.told)):
        team = each.event.team or (found[-1].team if found else None)
        found.append(Allocation(worker=each.event.worker, team=team, since=each.on))
    return found


def on(allocated: Sequence[Allocation], day: date) -> Allocation | None:
    """The allocation that held on a day: of several on one day, the last."""
    return next((each for each in reversed(allocated) if each.since <= day), None)
