"""Timers of private fostering: the year counts from when the authority came to know (regulation 8(6))."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from services.domain import calendar
from services.domain.birth import MONTHS_A_YEAR, last_birthday
from services.domain.events.private_fostering import (
    PrivateFosteringEnded,
    PrivateFosteringNotified,
    PrivateFosteringVisitMade,
)
from services.domain.facts import Facts
from services.domain.state.care import arrangements
from services.domain.timers.run import Choice, Run, Source, chain

ELIGIBLE_UNTIL = 16  # years of age
ELIGIBLE_UNTIL_IF_DISABLED = 18


def _visits(facts: Facts) -> Iterator[Run]:
    for notified in facts.of(PrivateFosteringNotified):
        event = notified.event
        span = arrangements(facts)[event.arrangement_id]
        years = ELIGIBLE_UNTIL_IF_DISABLED if event.disabled else ELIGIBLE_UNTIL
        # A visit too many harms nobody: it ends when the child is surely of age.
        of_age = [last_birthday(event.child_birth_month, years)] if event.child_birth_month else []
        over_on = min([*of_age, *([span.last] if span.last else [])], default=None)
        visits = [
            each.on
            for each in facts.of(PrivateFosteringVisitMade)
            if each.event.arrangement_id == event.arrangement_id
        ]
        yield from chain(event.arrangement_id, notified.on, visits, _choice(notified.on), over_on)


def _choice(notified_on: date) -> Choice:
    year = calendar.add_months(notified_on, MONTHS_A_YEAR)

    def choice(nth: int, started: date) -> str:
        if nth == 0:
            return "D-PF-VISIT-1"
        return "D-PF-VISIT-YEAR-1" if started < year else "D-PF-VISIT"

    return choice


SOURCES: Final = (
    Source(_visits, (PrivateFosteringNotified, PrivateFosteringVisitMade, PrivateFosteringEnded)),
)
