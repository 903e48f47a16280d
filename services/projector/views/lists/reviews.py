"""Looked-after reviews: arranged for when, held when, and when the child was met and all was sent out."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import ClassVar

from services.domain.events.review import (
    ClaReviewRescheduled,
    ClaReviewScheduled,
    OutOfTimeReason,
    Participation,
    Recipient,
    ReviewKind,
    ReviewMeetingHeld,
    ReviewReason,
    ReviewRecommendationsDistributed,
    ReviewReportReceived,
)
from services.domain.state.reviews import (
    TOLD_BY,
    ReviewState,
    completed_on,
    lapsed_on,
    met_on,
    review_ids,
    state_of_review,
)
from services.projector.views.lists.listed import Item, List, Told


class Review(Item, frozen=True, kw_only=True):
    """One review, from the day on which it was arranged until it is complete, or lapsed.

    `report_on` is when the reviewing officer had the social worker's report; `moved` how often it was put
    off or brought forward from `first_scheduled_for`.
    """

    ID: ClassVar[str] = "review_id"

    review_id: str
    state: ReviewState
    kind: ReviewKind | None
    reason: ReviewReason | None
    scheduled_for: datetime | None
    first_scheduled_for: datetime | None
    moved: int
    report_on: date | None
    held_on: date | None
    met_on: date | None
    distributed_on: date | None
    participation: Participation | None
    chaired_by_child: bool | None
    out_of_time_reason: OutOfTimeReason | None


def view(told: Told) -> Iterator[Review]:
    """Every review that was arranged or held."""
    return (_review(told, review_id) for review_id in review_ids(told.facts))


def _review(told: Told, review_id: str) -> Review:
    arranged = told.one(ClaReviewScheduled, review_id)
    moves = told.each(ClaReviewRescheduled, review_id=review_id)
    held, held_on = told.one(ReviewMeetingHeld, review_id), told.on(ReviewMeetingHeld, review_id)
    reports = told.each(ReviewReportReceived, review_id=review_id, recipient=Recipient.IRO)
    first = arranged.scheduled_for if arranged else None
    return Review(
        case_id=told.case_id,
        review_id=review_id,
        state=state_of_review(told.facts, review_id),
        began_on=told.on(ClaReviewScheduled, review_id) or held_on,
        over_on=completed_on(told.facts, review_id) or lapsed_on(told.facts, review_id),
        kind=arranged.kind if arranged else None,
        reason=held.reason if held else None,
        scheduled_for=moves[-1].event.scheduled_for if moves else first,
        first_scheduled_for=first,
        moved=len(moves),
        report_on=min((each.on for each in reports), default=None),
        held_on=held_on,
        met_on=met_on(told.facts, review_id),
        distributed_on=told.on(ReviewRecommendationsDistributed, review_id),
        participation=held.participation if held else None,
        chaired_by_child=held.chaired_by_child if held else None,
        out_of_time_reason=held.out_of_time_reason if held else None,
    )


LIST = List("reviews", Review, ReviewState, TOLD_BY, view)
