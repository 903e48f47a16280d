"""Timers of looked-after children: reviewing officer, reviews, visits, health and education."""

from collections.abc import Iterator
from datetime import date

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
from services.domain.events.looked_after import IroAppointed, IroChanged
from services.domain.events.placement import PlacementStarted
from services.domain.events.plan import PlanKind, SupervisionOrderReviewHeld
from services.domain.events.review import (
    ClaReviewScheduled,
    Recipient,
    ReviewMeetingHeld,
    ReviewRecommendationsDistributed,
    ReviewReportReceived,
)
from services.domain.facts import Facts
from services.domain.state.care import periods, placements, scheduled_days
from services.domain.state.reviews import completed_on, lapsed_on
from services.domain.state.span import Span, closed_after
from services.domain.timers.protection import made
from services.domain.timers.run import Choice, Run, before, chain, of, once

YOUNG = frozenset({AgeBand.UNBORN, AgeBand.UNDER_1, AgeBand.FROM_1_TO_4})


def runs(facts: Facts) -> Iterator[Run]:
    """Every run of a timer of this family."""
    for period in periods(facts).values():
        if period.first:
            yield from _of_period(facts, period, period.first)
    for placement in placements(facts).values():
        if placement.first:
            seen = [each.on for each in facts.of(ChildSeen)]
            choice = _visits(facts, placement, placement.first)
            yield from chain(placement.object_id, placement.first, seen, choice, placement.over_on)
    yield from _reviews(facts)
    yield from _supervision_orders(facts)


def _of_period(facts: Facts, period: Span, first: date) -> Iterator[Run]:
    about, over_on = period.object_id, period.over_on
    officers = [each.on for each in facts.of(IroAppointed)] + [each.on for each in facts.of(IroChanged)]
    yield once("D-IRO-APPOINT", about, first, officers, over_on)
    held = [each.on for each in facts.of(ReviewMeetingHeld)]
    reviews = of("D-CLA-REVIEW-1", "D-CLA-REVIEW-2", "D-CLA-REVIEW")
    yield from chain(about, first, held, reviews, over_on)
    health = [each.on for each in facts.of(HealthAssessmentCompleted)]
    yield from chain(about, first, health, _health(facts), over_on)
    teeth = [each.on for each in facts.of(DentalCheckRecorded)]
    yield from chain(about, first, teeth, of("D-DENTAL"), over_on)
    yield from chain(about, first, [each.on for each in facts.of(EyeCheckRecorded)], of("D-EYE"), over_on)
    education = [each.on for each in facts.of(PepReviewed)] + made(facts, PlanKind.PEP)
    yield from chain(about, first, education, of("D-PEP-1", "D-PEP"), over_on)
    born = birth_month(facts)
    # A plan that is due a little early harms nobody.
    sixteen = first_birthday(born, 16) if born else None
    if sixteen and period.holds_on(max(sixteen, first)):
        plans = [each.on for each in facts.of(PathwayPlanMade)] + made(facts, PlanKind.PATHWAY)
        made_on = min(plans, default=None)
        yield Run(timer="D-PATHWAY", about=about, started_on=sixteen, met_on=made_on, ended_on=over_on)


def _visits(facts: Facts, placement: Span, first: date) -> Choice:
    """Once a week, then every six weeks; every three months from a year on if it is to last."""
    told = facts.about(PlacementStarted, placement.object_id)
    permanent = bool(told and told.event.permanent)

    def choice(nth: int, started: date) -> str:
        if permanent and started >= calendar.add_months(first, MONTHS_A_YEAR):
            return "D-CLA-VISIT-PERMANENT"
        return "D-CLA-VISIT" if nth else "D-CLA-VISIT-1"

    return choice


def _health(facts: Facts) -> Choice:
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


def _reviews(facts: Facts) -> Iterator[Run]:
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
        if held:
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
