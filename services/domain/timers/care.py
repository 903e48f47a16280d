"""Timers of looked-after children: reviewing officer, reviews, visits, health and education."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from services.domain import calendar
from services.domain.birth import MONTHS_A_YEAR, first_birthday, last_birthday
from services.domain.events.assessment import ChildSeen
from services.domain.events.care_planning import CarePlanDistributed, PathwayPlanMade
from services.domain.events.checklist import IroChecklistSubmitted
from services.domain.events.child import AgeBand, ChildDetailsCorrected, ChildDetailsRecorded
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
)
from services.domain.events.placement import PlacementEnded, PlacementStarted
from services.domain.events.plan import PlanKind, PlanMade, SupervisionOrderReviewHeld
from services.domain.events.referral import CaseClosed
from services.domain.events.review import (
    ClaReviewRescheduled,
    ClaReviewScheduled,
    IroMetChild,
    Recipient,
    ReviewCompleted,
    ReviewMeetingHeld,
    ReviewRecommendationsDistributed,
    ReviewReportReceived,
)
from services.domain.events.shape import Event
from services.domain.facts import Facts
from services.domain.state.care import periods, placements, scheduled_days
from services.domain.state.reviews import completed_on, lapsed_on
from services.domain.state.span import Span, closed_after
from services.domain.timers.protection import made
from services.domain.timers.run import Choice, Run, Source, before, chain, of, once

YOUNG = frozenset({AgeBand.UNBORN, AgeBand.UNDER_1, AgeBand.FROM_1_TO_4})


def _officers(facts: Facts) -> Iterator[Run]:
    officers = [each.on for each in facts.of(IroAppointed)] + [each.on for each in facts.of(IroChanged)]
    for period_id, first, over_on in _periods(facts):
        yield once("D-IRO-APPOINT", period_id, first, officers, over_on)


def _repeated(kind: type[Event], *timers: str) -> Source:
    """What is done again and again while a child is looked after."""

    def runs(facts: Facts) -> Iterator[Run]:
        days = [each.on for each in facts.of(kind)]
        for period_id, first, over_on in _periods(facts):
            yield from chain(period_id, first, days, of(*timers), over_on)

    return Source(runs, (*_PERIOD, kind))


def _health(facts: Facts) -> Iterator[Run]:
    days = [each.on for each in facts.of(HealthAssessmentCompleted)]
    for period_id, first, over_on in _periods(facts):
        yield from chain(period_id, first, days, _by_age(facts), over_on)


def _education(facts: Facts) -> Iterator[Run]:
    days = [each.on for each in facts.of(PepReviewed)] + made(facts, PlanKind.PEP)
    for period_id, first, over_on in _periods(facts):
        yield from chain(period_id, first, days, of("D-PEP-1", "D-PEP"), over_on)


def _pathways(facts: Facts) -> Iterator[Run]:
    born = birth_month(facts)
    if born is None:
        return
    # A plan that is due a little early harms nobody.
    sixteen = first_birthday(born, 16)
    plans = [each.on for each in facts.of(PathwayPlanMade)] + made(facts, PlanKind.PATHWAY)
    for period_id, first, over_on in _periods(facts):
        if over_on is None or max(sixteen, first) <= over_on:
            met_on = min(plans, default=None)
            yield Run(timer="D-PATHWAY", about=period_id, started_on=sixteen, met_on=met_on, ended_on=over_on)


def _periods(facts: Facts) -> Iterator[tuple[str, date, date | None]]:
    """The periods that began: which, when, and when they were over."""
    for period in periods(facts).values():
        if period.first:
            yield period.object_id, period.first, period.over_on


def _visits(facts: Facts) -> Iterator[Run]:
    seen = [each.on for each in facts.of(ChildSeen)]
    for placement in placements(facts).values():
        if placement.first:
            choice = _by_permanence(facts, placement, placement.first)
            yield from chain(placement.object_id, placement.first, seen, choice, placement.over_on)


def _by_permanence(facts: Facts, placement: Span, first: date) -> Choice:
    """Once a week, then every six weeks; every three months from a year on if it is to last."""
    told = facts.about(PlacementStarted, placement.object_id)
    permanent = bool(told and told.event.permanent)

    def choice(nth: int, started: date) -> str:
        if permanent and started >= calendar.add_months(first, MONTHS_A_YEAR):
            return "D-CLA-VISIT-PERMANENT"
        return "D-CLA-VISIT" if nth else "D-CLA-VISIT-1"

    return choice


def _by_age(facts: Facts) -> Choice:
    """First the initial assessment; then by age: a child of unknown age is taken to be over five."""
    born = birth_month(facts)
    five = last_birthday(born, 5) if born else None  # until then assessments are due twice as often
    details = facts.of(ChildDetailsRecorded), facts.of(ChildDetailsCorrected)
    bands = [each.event.age_band for told in details for each in told if each.event.age_band]

    def choice(nth: int, started: date) -> str:
        if nth == 0:
            return "D-IHA"
        young = started < five if five else set(bands[-1:]) <= YOUNG
        return "D-RHA-UNDER-5" if young and (five or bands) else "D-RHA"

    return choice


def _papers(facts: Facts) -> Iterator[Run]:
    """What is due before a review: until it was held, was complete without that, or lapsed."""
    scheduled = {each.event.review_id for each in facts.of(ClaReviewScheduled)}
    for review_id in sorted(scheduled | {each.event.review_id for each in facts.of(ReviewMeetingHeld)}):
        held = facts.about(ReviewMeetingHeld, review_id)
        meeting = held.on if held else scheduled_days(facts, review_id)[-1]
        reports = [
            each.on
            for each in facts.of(ReviewReportReceived)
            if each.event.review_id == review_id and each.event.recipient is Recipient.IRO
        ]
        sent = [each.on for each in facts.of(CarePlanDistributed) if each.event.review_id == review_id]
        over_on = held.on if held else completed_on(facts, review_id) or lapsed_on(facts, review_id)
        yield before("D-SWREPORT", review_id, meeting, reports, over_on)
        yield before("D-CAREPLAN-DIST", review_id, meeting, sent, over_on)


def _after_a_review(facts: Facts) -> Iterator[Run]:
    for held in facts.of(ReviewMeetingHeld):
        review_id = held.event.review_id
        told = facts.about(ReviewRecommendationsDistributed, review_id)
        handed_in = facts.about(IroChecklistSubmitted, review_id)
        yield once("D-REVIEW-REC", review_id, held.on, [told.on] if told else [])
        yield once("D-CHECKLIST", review_id, held.on, [handed_in.on] if handed_in else [])


def _supervision_orders(facts: Facts) -> Iterator[Run]:
    """No event tells that an order ended: its reviews go on until the case is closed."""
    reviews = facts.of(SupervisionOrderReviewHeld)
    orders = {each.event.order_made_on for each in reviews if each.event.order_made_on}
    for order in sorted(orders):
        held = [each.on for each in reviews if each.event.order_made_on in {None, order}]
        first = next(each for each in reviews if each.event.order_made_on == order)
        choice = of("D-SO-REVIEW-1", "D-SO-REVIEW-2", "D-SO-REVIEW")
        yield from chain(f"supervision-order/{order}", order, held, choice, closed_after(facts, first))


def birth_month(facts: Facts) -> str | None:
    """The month of the child's birth as it was told last."""
    told = [each.event.birth_month for each in facts.of(ChildDetailsRecorded)]
    told += [each.event.birth_month for each in facts.of(ChildDetailsCorrected)]
    return next((month for month in reversed(told) if month), None)


_PERIOD: Final[tuple[type[Any], ...]] = (ChildBecameLookedAfter, ChildCeasedLookedAfter, CaseClosed)
_CHILD: Final = (ChildDetailsRecorded, ChildDetailsCorrected)
_REVIEW: Final = (
    ClaReviewScheduled,
    ClaReviewRescheduled,
    ReviewMeetingHeld,
    ReviewCompleted,
    IroMetChild,
    ReviewRecommendationsDistributed,
)
SOURCES: Final = (
    Source(_officers, (*_PERIOD, IroAppointed, IroChanged)),
    _repeated(ReviewMeetingHeld, "D-CLA-REVIEW-1", "D-CLA-REVIEW-2", "D-CLA-REVIEW"),
    Source(_health, (*_PERIOD, *_CHILD, HealthAssessmentCompleted)),
    _repeated(DentalCheckRecorded, "D-DENTAL"),
    _repeated(EyeCheckRecorded, "D-EYE"),
    Source(_education, (*_PERIOD, PepReviewed, PlanMade)),
    Source(_pathways, (*_PERIOD, *_CHILD, PathwayPlanMade, PlanMade)),
    Source(_visits, (*_PERIOD, PlacementStarted, PlacementEnded, ChildSeen)),
    Source(_papers, (*_PERIOD, *_REVIEW, ReviewReportReceived, CarePlanDistributed)),
    Source(_after_a_review, (ReviewMeetingHeld, ReviewRecommendationsDistributed, IroChecklistSubmitted)),
    Source(_supervision_orders, (SupervisionOrderReviewHeld, CaseClosed)),
)
