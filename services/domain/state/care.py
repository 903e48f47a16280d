"""Looked-after periods, the placements within them, and their reviews."""

from datetime import date

from msgspec.structs import replace

from services.domain import calendar
from services.domain.events.looked_after import ChildBecameLookedAfter, ChildCeasedLookedAfter
from services.domain.events.placement import PlacementEnded, PlacementStarted
from services.domain.events.private_fostering import PrivateFosteringEnded, PrivateFosteringNotified
from services.domain.events.review import ClaReviewRescheduled, ClaReviewScheduled
from services.domain.facts import Facts
from services.domain.state.span import Span, between


def periods(facts: Facts) -> dict[str, Span]:
    """Every looked-after period by its id."""
    return between(facts, ChildBecameLookedAfter, ChildCeasedLookedAfter, in_the_case=True)


def placements(facts: Facts) -> dict[str, Span]:
    """Every placement by its id; the end of its period ends it."""
    ends = [span.over_on for span in periods(facts).values() if span.over_on]
    found = between(facts, PlacementStarted, PlacementEnded, in_the_case=True)
    return {placement_id: _closed_with(span, ends) for placement_id, span in found.items()}


def arrangements(facts: Facts) -> dict[str, Span]:
    """Every private fostering arrangement by its id."""
    return between(facts, PrivateFosteringNotified, PrivateFosteringEnded)


def _closed_with(placement: Span, ends: list[date]) -> Span:
    over = (day for day in (placement.closed_on, *ends) if day and placement.first and day >= placement.first)
    return replace(placement, closed_on=min(over, default=None))


def scheduled_days(facts: Facts, review_id: str) -> list[date]:
    """The London dates for which a review was arranged: first, and each time that it was moved."""
    first = facts.about(ClaReviewScheduled, review_id)
    moved = [each for each in facts.of(ClaReviewRescheduled) if each.event.review_id == review_id]
    told = ([first.event] if first else []) + [each.event for each in moved]
    return [calendar.london_date(each.scheduled_for) for each in told]
