"""Looked-after periods and the placements within them; private fostering; the days of reviews."""

from datetime import date
from enum import StrEnum

from msgspec.structs import replace

from services.domain import calendar
from services.domain.events.looked_after import ChildBecameLookedAfter, ChildCeasedLookedAfter
from services.domain.events.placement import PlacementEnded, PlacementStarted
from services.domain.events.private_fostering import (
    PrivateFosteringAssessed,
    PrivateFosteringEnded,
    PrivateFosteringNotified,
)
from services.domain.events.review import ClaReviewRescheduled, ClaReviewScheduled
from services.domain.facts import Facts
from services.domain.state.span import Span, between, stage


class PeriodState(StrEnum):
    """Where a looked-after period stands."""

    LOOKED_AFTER = "LOOKED_AFTER"
    CEASED = "CEASED"
    CLOSED_WITH_CASE = "CLOSED_WITH_CASE"


class PlacementState(StrEnum):
    """Where a placement stands. One that nobody ended ends with its period, or with its case."""

    CURRENT = "CURRENT"
    ENDED = "ENDED"
    ENDED_WITH_PERIOD = "ENDED_WITH_PERIOD"
    CLOSED_WITH_CASE = "CLOSED_WITH_CASE"


class ArrangementState(StrEnum):
    """Where a private fostering arrangement stands; a case that is closed does not end it."""

    NOTIFIED = "NOTIFIED"
    ASSESSED = "ASSESSED"
    ENDED = "ENDED"


def periods(facts: Facts) -> dict[str, Span]:
    """Every looked-after period by its id."""
    return between(facts, ChildBecameLookedAfter, ChildCeasedLookedAfter, in_the_case=True)


def period_of(facts: Facts, day: date) -> Span | None:
    """The looked-after period that a day is of; of two that meet on it, the one that begins then."""
    return _on(periods(facts), day)


def over_after(known: dict[str, Span], day: date) -> date | None:
    """When the known period that a day is of was over; of a day that is of none, when the next one was."""
    if of_the_day := _on(known, day):
        return of_the_day.over_on
    ends = (span.over_on for span in known.values())
    return min((end for end in ends if end and end >= day), default=None)


def _on(known: dict[str, Span], day: date) -> Span | None:
    return next((span for span in reversed(known.values()) if span.holds_on(day)), None)


def state_of_period(period: Span) -> PeriodState:
    """Where a period stands."""
    going, done, left = PeriodState
    return stage(period, going, done, left)


def placements(facts: Facts) -> dict[str, Span]:
    """Every placement by its id; the end of its period ends it."""
    lived, known = between(facts, PlacementStarted, PlacementEnded, in_the_case=True), periods(facts)
    return {placement_id: _closed_with_period(known, span) for placement_id, span in lived.items()}


def state_of_placement(facts: Facts, placement: Span) -> PlacementState:
    """Where a placement stands."""
    ceased = {period.last for period in periods(facts).values()}
    with_period = placement.closed_on in ceased
    left = PlacementState.ENDED_WITH_PERIOD if with_period else PlacementState.CLOSED_WITH_CASE
    return stage(placement, PlacementState.CURRENT, PlacementState.ENDED, left)


def arrangements(facts: Facts) -> dict[str, Span]:
    """Every private fostering arrangement by its id."""
    return between(facts, PrivateFosteringNotified, PrivateFosteringEnded)


def state_of_arrangement(facts: Facts, arrangement: Span) -> ArrangementState:
    """Where a private fostering arrangement stands."""
    if arrangement.last:
        return ArrangementState.ENDED
    assessed = {each.event.arrangement_id for each in facts.of(PrivateFosteringAssessed)}
    return ArrangementState.ASSESSED if arrangement.object_id in assessed else ArrangementState.NOTIFIED


def _closed_with_period(known: dict[str, Span], placement: Span) -> Span:
    if placement.first is None:
        return placement
    ends = placement.closed_on, over_after(known, placement.first)
    return replace(placement, closed_on=min((day for day in ends if day), default=None))


def scheduled_days(facts: Facts, review_id: str) -> list[date]:
    """The London dates for which a review was arranged: first, and each time that it was moved."""
    first = facts.about(ClaReviewScheduled, review_id)
    moved = [each for each in facts.of(ClaReviewRescheduled) if each.event.review_id == review_id]
    told = ([first.event] if first else []) + [each.event for each in moved]
    return [calendar.london_date(each.scheduled_for) for each in told]
