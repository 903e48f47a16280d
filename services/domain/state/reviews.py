"""Looked-after reviews: arranged, held, and complete once the reviewing officer has met the child."""

from datetime import date
from enum import StrEnum
from typing import Any, Final

from services.domain.events.review import (
    ClaReviewRescheduled,
    ClaReviewScheduled,
    IroMetChild,
    ReviewCompleted,
    ReviewMeetingHeld,
    ReviewRecommendationsDistributed,
)
from services.domain.facts import Facts
from services.domain.state.care import over_after, periods
from services.domain.state.span import closed_after

TOLD_BY: Final[tuple[type[Any], ...]] = (
    ClaReviewScheduled,
    ClaReviewRescheduled,
    ReviewMeetingHeld,
    ReviewCompleted,
    ReviewRecommendationsDistributed,
)
"""The events of which one is enough to know of a review."""


class ReviewState(StrEnum):
    """Where a review stands; one that was arranged lapses when the period, or the case, ends before it."""

    ARRANGED = "ARRANGED"
    HELD = "HELD"
    COMPLETED = "COMPLETED"
    LAPSED = "LAPSED"


def review_ids(facts: Facts) -> list[str]:
    """Every review that anybody told of."""
    return sorted({each.event.review_id for kind in TOLD_BY for each in facts.of(kind)})


def state_of_review(facts: Facts, review_id: str) -> ReviewState:
    """Where a review stands."""
    if completed_on(facts, review_id):
        return ReviewState.COMPLETED
    if _was_held(facts, review_id):
        return ReviewState.HELD
    return ReviewState.LAPSED if lapsed_on(facts, review_id) else ReviewState.ARRANGED


def met_on(facts: Facts, review_id: str) -> date | None:
    """When the reviewing officer first met the child for it."""
    return min((each.on for each in facts.of(IroMetChild) if each.event.review_id == review_id), default=None)


def completed_on(facts: Facts, review_id: str) -> date | None:
    """When it was complete: as told, or once it had been held and the child had been met for it."""
    if told := facts.about(ReviewCompleted, review_id):
        return told.on
    held, met = facts.about(ReviewMeetingHeld, review_id), met_on(facts, review_id)
    return max(held.on, met) if held and met else None


def lapsed_on(facts: Facts, review_id: str) -> date | None:
    """When there was nothing more to review, of one that was arranged and is not known to have been held."""
    arranged = facts.about(ClaReviewScheduled, review_id)
    if arranged is None or completed_on(facts, review_id) or _was_held(facts, review_id):
        return None
    over = closed_after(facts, arranged), over_after(periods(facts), arranged.on)
    return min((day for day in over if day), default=None)


def _was_held(facts: Facts, review_id: str) -> bool:
    return any(facts.about(kind, review_id) for kind in (ReviewMeetingHeld, ReviewRecommendationsDistributed))
