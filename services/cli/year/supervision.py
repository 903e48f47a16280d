"""Supervision orders: twelve children at home under one, reviewed as looked-after children are.

The event of such a review has no id of its own. Its report and its recommendations are recorded under one
that is given here, and are flagged for it: `not_scheduled`, `not_held`.
"""

from services.cli.year.contacts import referral
from services.cli.year.days import FIRST, LAST, at, later, month, working
from services.cli.year.diary import Diary
from services.cli.year.dice import Dice
from services.cli.year.lives import ORDERS, Order
from services.cli.year.need import assess, see
from services.cli.year.people import CLERK, FORMER_IRO, Child, Nursery
from services.cli.year.reviews import Plans
from services.domain.events.assessment import AssessmentOutcome
from services.domain.events.plan import SupervisionOrderReviewHeld
from services.domain.events.referral import LegalBasis
from services.domain.events.review import (
    Quality,
    Recipient,
    ReviewRecommendationsDistributed,
    ReviewReportReceived,
)

_PROCEEDINGS = 120  # working days


def supervision_orders(diary: Diary, nursery: Nursery, plans: Plans) -> None:
    """Write down every order's reviews, and the visits beside them."""
    dice = Dice(diary.seed, "supervision")
    for name, order in ORDERS.items():
        made = working(month(order.made))
        child = nursery.child(later(made, -_PROCEEDINGS), team="PERMANENCY_TEAM")
        referred = referral(diary, dice, child, later(made, -_PROCEEDINGS), basis=LegalBasis.S31)
        start = later(referred, 1)
        end = later(start, dice.between(25, 42))
        assess(diary, dice, child, start, end, AssessmentOutcome.SIGNIFICANT_HARM)
        _reviews(diary, child, name, order, plans)
        day = later(max(made, FIRST), dice.between(3, 20))
        while day < LAST:
            see(diary, dice, child, day)
            day = later(day, dice.between(20, 28))


def _reviews(diary: Diary, child: Child, name: str, order: Order, plans: Plans) -> None:
    made = working(month(order.made))
    for planned in order.before:
        held = SupervisionOrderReviewHeld(order_made_on=made)
        diary.note(child.case, held, at(working(month(planned)), 11), FORMER_IRO)
    for nth in range(len(order.reviews)):
        plan, review = plans[name, nth], child.object_id("order-review", nth + 1)
        if plan.report_on:
            report = ReviewReportReceived(review_id=review, recipient=Recipient.IRO, quality=Quality.GOOD)
            diary.note(child.case, report, at(plan.report_on, 9), CLERK)
        held = SupervisionOrderReviewHeld(order_made_on=made)
        diary.note(child.case, held, at(plan.held_on, 11), plan.chair)
        if plan.distributed_on:
            sent = ReviewRecommendationsDistributed(review_id=review)
            diary.note(child.case, sent, at(plan.distributed_on, 15), CLERK)
