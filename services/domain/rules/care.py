"""Rules of looked-after children and of private fostering: one period at a time, and reviews within it."""

from typing import assert_never

from services.domain.events import CareEvent
from services.domain.events.care_planning import (
    AdvocateAccepted,
    AdvocateOffered,
    CarePlanDistributed,
    PathwayPlanMade,
    PermanencePlanSet,
)
from services.domain.events.checklist import IroChecklistSubmitted
from services.domain.events.health_education import (
    DentalCheckRecorded,
    EyeCheckRecorded,
    HealthAssessmentCompleted,
    PepReviewed,
)
from services.domain.events.looked_after import (
    ChildBecameLookedAfter,
    ChildCeasedLookedAfter,
    IroAppointed,
    IroChanged,
    LegalStatusChanged,
)
from services.domain.events.placement import PlacementEnded, PlacementStarted
from services.domain.events.private_fostering import (
    PrivateFosteringAssessed,
    PrivateFosteringEnded,
    PrivateFosteringNotified,
    PrivateFosteringVisitMade,
)
from services.domain.events.review import (
    ClaReviewRescheduled,
    ClaReviewScheduled,
    IroMetChild,
    ReviewCompleted,
    ReviewMeetingHeld,
    ReviewRecommendationsDistributed,
    ReviewReportReceived,
)
from services.domain.rules.births import birth_month_is_that_of_the_date, told_after_birth
from services.domain.rules.lives import ends_before_it_begins, others_open, overlap
from services.domain.rules.rule import Contradiction, Rules, Telling, recorded_again
from services.domain.state.care import arrangements, periods, placements

SHORTEST_PRIVATE_FOSTERING = 28  # days


def rules(event: CareEvent) -> Rules:
    """What is asked of an event of this family."""
    match event:
        case ChildBecameLookedAfter() | ChildCeasedLookedAfter():
            return Rules(
                (one_period_at_a_time, ends_before_it_begins), (recorded_again, start_unknown, another_open)
            )
        case PlacementStarted() | PlacementEnded():
            flags = (recorded_again, start_unknown, another_open, not_looked_after)
            return Rules((ends_before_it_begins,), flags)
        case IroAppointed() | IroChanged() | LegalStatusChanged() | PermanencePlanSet() | PathwayPlanMade():
            return Rules(flags=(recorded_again, not_looked_after))
        case (
            AdvocateOffered()
            | AdvocateAccepted()
            | PepReviewed()
            | HealthAssessmentCompleted()
            | DentalCheckRecorded()
            | EyeCheckRecorded()
        ):
            return Rules(flags=(recorded_again, not_looked_after))
        case ClaReviewScheduled():
            return Rules(flags=(recorded_again,))
        case ClaReviewRescheduled() | ReviewReportReceived():
            return Rules(flags=(recorded_again, not_scheduled))
        case CarePlanDistributed() | IroMetChild():
            return Rules(flags=(recorded_again,))
        case ReviewMeetingHeld():
            return Rules(
                (nothing_follows_a_review_before_it,), (recorded_again, not_scheduled, not_looked_after)
            )
        case ReviewCompleted():
            return Rules((nothing_follows_a_review_before_it,), (recorded_again, not_held, child_not_met))
        case ReviewRecommendationsDistributed() | IroChecklistSubmitted():
            return Rules((nothing_follows_a_review_before_it,), (recorded_again, not_held))
        case PrivateFosteringNotified():
            never = (too_short_for_private_fostering, ends_before_it_begins)
            born = (told_after_birth, birth_month_is_that_of_the_date)
            return Rules((*never, *born), (recorded_again,))
        case PrivateFosteringVisitMade() | PrivateFosteringAssessed():
            return Rules(flags=(recorded_again, start_unknown))
        case PrivateFosteringEnded():
            return Rules((ends_before_it_begins,), (recorded_again, start_unknown))
        case _:
            assert_never(event)


def one_period_at_a_time(telling: Telling) -> Contradiction | None:
    """A child is not taken into care while looked after until a later day."""
    return overlap(periods(telling.after).values())


def nothing_follows_a_review_before_it(telling: Telling) -> Contradiction | None:
    """A review is completed, its recommendations sent and its checklist handed in when it has been held."""
    facts, review_id = telling.after, telling.new.object_id or ""
    held = facts.about(ReviewMeetingHeld, review_id)
    for kind in (ReviewCompleted, ReviewRecommendationsDistributed, IroChecklistSubmitted):
        after = facts.about(kind, review_id)
        if held and after and after.on < held.on:
            return Contradiction(f"`{review_id}` was held on {held.on}, and {kind.TYPE} on {after.on}.")
    return None


def too_short_for_private_fostering(telling: Telling) -> Contradiction | None:
    """Private fostering is meant to last for 28 days or more (Children Act 1989, s66)."""
    days = telling.new.event.intended_days
    if days is not None and days < SHORTEST_PRIVATE_FOSTERING:
        return Contradiction(f"It is meant to last for {days} days.", "intended_days")
    return None


def start_unknown(telling: Telling) -> bool:
    """What this ends, or goes on with, has not been recorded (yet)."""
    before = telling.before
    match telling.new.event:
        case ChildCeasedLookedAfter(period_id=period_id):
            return before.about(ChildBecameLookedAfter, period_id) is None
        case PlacementEnded(placement_id=placement_id):
            return before.about(PlacementStarted, placement_id) is None
        case (
            PrivateFosteringVisitMade(arrangement_id=arrangement_id)
            | PrivateFosteringAssessed(arrangement_id=arrangement_id)
            | PrivateFosteringEnded(arrangement_id=arrangement_id)
        ):
            known = arrangements(before).get(arrangement_id)
            return known is None or known.first is None
        case _:
            return False


def another_open(telling: Telling) -> bool:
    """Another period, or placement, had begun and is not known to be over."""
    match telling.new.event:
        case ChildBecameLookedAfter():
            return others_open(periods(telling.before).values(), telling)
        case PlacementStarted():
            return others_open(placements(telling.before).values(), telling)
        case _:
            return False


def not_looked_after(telling: Telling) -> bool:
    """The child is not known to be looked after on that day."""
    return not any(span.holds_on(telling.new.on) for span in periods(telling.before).values())


def not_scheduled(telling: Telling) -> bool:
    """The review was not arranged here (yet)."""
    return telling.before.about(ClaReviewScheduled, telling.new.event.review_id) is None


def not_held(telling: Telling) -> bool:
    """The review is not known to have been held (yet)."""
    return telling.before.about(ReviewMeetingHeld, telling.new.object_id or "") is None


def child_not_met(telling: Telling) -> bool:
    """A review is complete once the reviewing officer has met the child (checklist of 2017-18)."""
    return not any(
        each.event.review_id in {None, telling.new.object_id} and each.on <= telling.new.on
        for each in telling.before.of(IroMetChild)
    )
