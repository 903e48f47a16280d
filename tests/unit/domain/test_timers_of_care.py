"""Timers of looked-after children, fostering and allegations: what starts, and what meets each."""

from typing import Any

import pytest

from tests.support.casework import Post, event
from tests.support.timing import Row, check

CARE: dict[str, Any] = {"period_id": "c", "started_on": "2018-01-31"}
NOTIFIED: dict[str, Any] = {"arrangement_id": "a", "notified_on": "2018-01-31"}
REVIEW: dict[str, Any] = {"review_id": "r", "held_on": "2018-01-31"}


def _plan(**data: Any) -> Post:
    return event("PlanMade", made_on="2018-01-31", **data)


def _visit(on: str) -> Post:
    return event("ChildSeen", seen_on=on)


def _received(**data: Any) -> Post:
    return event("LadoReferralReceived", role="POLICE", concern="OTHER", received_on="2018-01-31", **data)


TIMERS: list[Row] = [
    (
        "IRO_APPOINTED",
        [event("ChildBecameLookedAfter", **CARE)],
        "2018-02-07",
        "2018-02-07",
        event("IroAppointed", iro="iro:1", on="2018-02-07"),
    ),
    (
        "CLA_REVIEW_FIRST_20_WD",
        [event("ChildBecameLookedAfter", **CARE)],
        "2018-02-28",
        "2018-02-28",
        event("ReviewMeetingHeld", **REVIEW | {"held_on": "2018-02-28"}),
    ),
    (
        "CLA_REVIEW_FIRST_28_DAYS",
        [event("ChildBecameLookedAfter", **CARE)],
        "2018-02-28",
        "2018-03-01",
        event("ReviewMeetingHeld", **REVIEW | {"held_on": "2018-03-01"}),
    ),
    (
        "CLA_REVIEW_SECOND",
        [event("ChildBecameLookedAfter", **CARE), event("ReviewMeetingHeld", **REVIEW)],
        "2018-04-30",
        "2018-05-01",
        event("ReviewMeetingHeld", review_id="r2", held_on="2018-05-01"),
    ),
    (
        "SO_REVIEW_FIRST",
        [],
        "2018-02-28",
        "2018-02-28",
        event("SupervisionOrderReviewHeld", order_made_on="2018-01-31", held_on="2018-02-28"),
    ),
    (
        "SW_REPORT",
        [event("ReviewMeetingHeld", **REVIEW)],
        "2018-01-26",
        "2018-01-26",
        event("ReviewReportReceived", review_id="r", recipient="IRO", received_on="2018-01-26"),
    ),
    (
        "CARE_PLAN_DISTRIBUTED",
        [event("ReviewMeetingHeld", **REVIEW)],
        "2018-01-17",
        "2018-01-18",
        event("CarePlanDistributed", review_id="r", on="2018-01-18"),
    ),
    (
        "REVIEW_RECOMMENDATIONS",
        [event("ReviewMeetingHeld", **REVIEW)],
        "2018-02-14",
        "2018-02-14",
        event("ReviewRecommendationsDistributed", review_id="r", on="2018-02-14"),
    ),
    (
        "CHECKLIST",
        [event("ReviewMeetingHeld", **REVIEW)],
        "2018-02-02",
        "2018-02-05",
        event("IroChecklistSubmitted", review_id="r", submitted_on="2018-02-05"),
    ),
    (
        "CARE_PLAN_UPDATED",
        [_plan(plan_id="p", plan_kind="CARE")],
        "2019-01-31",
        "2019-01-31",
        event("PlanRevised", plan_id="p", revised_on="2019-01-31"),
    ),
    (
        "CLA_VISIT_FIRST",
        [event("PlacementStarted", placement_id="h", started_on="2018-01-31")],
        "2018-02-07",
        "2018-02-08",
        _visit("2018-02-08"),
    ),
    (
        "CLA_VISIT_LATER",
        [event("PlacementStarted", placement_id="h", started_on="2018-01-31"), _visit("2018-01-31")],
        "2018-03-14",
        "2018-03-14",
        _visit("2018-03-14"),
    ),
    (
        "IHA",
        [event("ChildBecameLookedAfter", **CARE)],
        "2018-02-28",
        "2018-03-01",
        event("HealthAssessmentCompleted", kind="IHA", on="2018-03-01"),
    ),
    (
        "RHA_FROM_5",
        [
            event("ChildBecameLookedAfter", **CARE),
            event("HealthAssessmentCompleted", kind="IHA", on="2018-01-31"),
        ],
        "2019-01-31",
        "2019-01-31",
        event("HealthAssessmentCompleted", kind="RHA", on="2019-01-31"),
    ),
    (
        "RHA_UNDER_5",
        [
            event("ChildDetailsRecorded", birth_month="2015-01"),
            event("ChildBecameLookedAfter", **CARE),
            event("HealthAssessmentCompleted", kind="IHA", on="2018-01-31"),
        ],
        "2018-07-31",
        "2018-08-01",
        event("HealthAssessmentCompleted", kind="RHA", on="2018-08-01"),
    ),
    (
        "DENTAL",
        [event("ChildBecameLookedAfter", **CARE)],
        "2019-01-31",
        "2019-02-01",
        event("DentalCheckRecorded", on="2019-02-01"),
    ),
    (
        "EYE",
        [event("ChildBecameLookedAfter", **CARE)],
        "2020-01-31",
        "2018-06-01",
        event("EyeCheckRecorded", on="2018-06-01"),
    ),
    (
        "PEP_INITIATED_10_WD",
        [event("ChildBecameLookedAfter", **CARE)],
        "2018-02-14",
        "2018-02-28",
        event("PepReviewed", on="2018-02-28"),
    ),
    (
        "PEP_COMPLETED_20_WD",
        [event("ChildBecameLookedAfter", **CARE)],
        "2018-02-28",
        "2018-02-28",
        event("PlanMade", plan_id="e", plan_kind="PEP", made_on="2018-02-28"),
    ),
    (
        "PEP_6_MONTHS",
        [event("ChildBecameLookedAfter", **CARE), event("PepReviewed", on="2018-01-31")],
        "2018-07-31",
        "2018-07-31",
        event("PepReviewed", on="2018-07-31"),
    ),
    (
        "PEP_3_A_YEAR",
        [event("ChildBecameLookedAfter", **CARE), event("PepReviewed", on="2018-01-31")],
        "2018-05-31",
        "2018-07-31",
        event("PepReviewed", on="2018-07-31"),
    ),
    (
        "PATHWAY_PLAN",
        [event("ChildBecameLookedAfter", **CARE), event("ChildDetailsRecorded", birth_month="2002-01")],
        "2018-04-01",
        "2018-05-01",
        event("PathwayPlanMade", on="2018-05-01"),
    ),
    (
        "PF_FIRST_VISIT",
        [event("PrivateFosteringNotified", **NOTIFIED)],
        "2018-02-09",
        "2018-02-09",
        event("PrivateFosteringVisitMade", arrangement_id="a", on="2018-02-09"),
    ),
    (
        "PF_FIRST_VISIT_WEEK",
        [event("PrivateFosteringNotified", **NOTIFIED)],
        "2018-02-07",
        "2018-02-09",
        event("PrivateFosteringVisitMade", arrangement_id="a", on="2018-02-09"),
    ),
    (
        "PF_VISIT_FIRST_YEAR",
        [
            event("PrivateFosteringNotified", **NOTIFIED),
            event("PrivateFosteringVisitMade", arrangement_id="a", on="2018-01-31"),
        ],
        "2018-03-14",
        "2018-03-15",
        event("PrivateFosteringVisitMade", arrangement_id="a", on="2018-03-15"),
    ),
    ("LADO_REFER", [], "2018-01-31", "2018-01-31", _received(employer_aware_on="2018-01-30")),
    (
        "LADO_DECIDE",
        [_received()],
        "2018-02-01",
        "2018-02-02",
        event("LadoThresholdDecided", decision="ADVICE", decided_on="2018-02-02"),
    ),
    (
        "LADO_MEETING",
        [
            _received(),
            event("LadoThresholdDecided", decision="INTERNAL_ENQUIRY_CSM", decided_on="2018-01-31"),
        ],
        "2018-02-07",
        "2018-02-07",
        event("ComplexStrategyMeetingHeld", held_on="2018-02-07"),
    ),
    (
        "LADO_CONCLUDE",
        [_received()],
        "2018-04-30",
        "2018-05-01",
        event("LadoOutcomeRecorded", outcome="FALSE", on="2018-05-01"),
    ),
]


@pytest.mark.parametrize(("rule", "starts", "due", "met", "stop"), TIMERS, ids=[each[0] for each in TIMERS])
def test_a_timer_of_care_starts_is_due_and_is_met(
    rule: str, starts: list[Post], due: str, met: str, stop: Post
) -> None:
    check(rule, starts, due, met, stop)
