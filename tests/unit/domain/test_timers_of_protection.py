"""Timers from contact to plan: what starts each, when it is due, and what meets it in time or late."""

from typing import Any

import pytest

from tests.support.casework import Post, event
from tests.support.timing import Row, check

CP: dict[str, Any] = {"plan_id": "p", "plan_kind": "CP"}
CIN: dict[str, Any] = {"plan_id": "p", "plan_kind": "CIN"}
MEETING: dict[str, Any] = {"conference_id": "k", "decision": "CP_PLAN", "held_on": "2018-01-31"}


def _plan(**data: Any) -> Post:
    return event("PlanMade", made_on="2018-01-31", **data)


def _strategy() -> Post:
    return event("StrategyHeld", strategy_id="s", decision="S47_JOINT", held_at="2018-01-31T10:00:00Z")


def _visit(on: str) -> Post:
    return event("ChildSeen", seen_on=on)


TIMERS: list[Row] = [
    (
        "REFERRAL_DECISION",
        [event("ContactReceived", contact_id="c", received_at="2018-01-31T10:00:00Z")],
        "2018-02-01",
        "2018-02-01",
        event("ContactTriaged", contact_id="c", outcome="ADVICE", triaged_on="2018-02-01"),
    ),
    (
        "REFERRAL_DECISION",
        [event("ContactReceived", contact_id="c", received_at="2018-01-31T10:00:00Z")],
        "2018-02-01",
        "2018-02-02",
        event("ReferralAccepted", referral_id="r", contact_id="c", referral_date="2018-02-02"),
    ),
    (
        "ASSESS_45",
        [event("ReferralAccepted", referral_id="r", referral_date="2018-01-31")],
        "2018-04-06",
        "2018-04-06",
        event("AssessmentAuthorised", assessment_id="a", outcome="CIN", authorised_on="2018-04-06"),
    ),
    (
        "ASSESS_40",
        [event("ReferralAccepted", referral_id="r", referral_date="2018-01-31")],
        "2018-03-28",
        "2018-04-06",
        event("AssessmentAuthorised", assessment_id="a", outcome="CIN", authorised_on="2018-04-06"),
    ),
    (
        "ICPC",
        [_strategy()],
        "2018-02-21",
        "2018-02-22",
        event("ConferenceHeld", **MEETING | {"held_on": "2018-02-22"}),
    ),
    (
        "RCPC_FIRST",
        [_plan(**CP)],
        "2018-04-30",
        "2018-04-30",
        event("ConferenceHeld", conference_id="k", decision="REMAINS", held_on="2018-04-30"),
    ),
    (
        "CORE_GROUP_FIRST",
        [_plan(**CP)],
        "2018-02-14",
        "2018-02-15",
        event("CoreGroupHeld", held_on="2018-02-15"),
    ),
    (
        "CORE_GROUP_LATER",
        [_plan(**CP), event("CoreGroupHeld", held_on="2018-01-31")],
        "2018-03-14",
        "2018-03-14",
        event("CoreGroupHeld", held_on="2018-03-14", plan_id="p"),
    ),
    (
        "CP_PLAN_TYPICAL",
        [_plan(**CP)],
        "2019-01-31",
        "2019-02-01",
        event("PlanEnded", plan_id="p", ended_on="2019-02-01"),
    ),
    (
        "CP_PLAN_LONG_STAY",
        [_plan(**CP)],
        "2020-01-31",
        "2019-01-01",
        event("PlanEnded", plan_id="p", ended_on="2019-01-01"),
    ),
    (
        "REPORT_ICPC_AGENCY",
        [event("ConferenceHeld", **MEETING, agencies_present=["SCHOOL"])],
        "2018-01-29",
        "2018-01-30",
        event("AgencyReportReceived", conference_id="k", agency="SCHOOL", received_on="2018-01-30"),
    ),
    (
        "REPORT_RCPC_AGENCY",
        [event("ConferenceHeld", **MEETING | {"decision": "REMAINS"}, agencies_absent=["SCHOOL"])],
        "2018-01-28",
        "2018-01-28",
        event("AgencyReportReceived", conference_id="k", agency="SCHOOL", received_on="2018-01-28"),
    ),
    (
        "REPORT_ICPC_WORKER",
        [event("ConferenceHeld", **MEETING)],
        "2018-01-30",
        "2018-01-30",
        event("AgencyReportReceived", conference_id="k", agency="SOCIAL_CARE", received_on="2018-01-30"),
    ),
    (
        "CIN_CORE_GROUP",
        [_plan(**CIN)],
        "2018-03-14",
        "2018-03-15",
        event("CoreGroupHeld", held_on="2018-03-15"),
    ),
    (
        "CIN_REVIEW_FIRST",
        [_plan(**CIN)],
        "2018-04-25",
        "2018-04-25",
        event("CinReviewHeld", decision="CONTINUE", held_on="2018-04-25"),
    ),
    ("CIN_VISIT", [_plan(**CIN)], "2018-02-28", "2018-03-01", _visit("2018-03-01")),
    (
        "FAMILY_NETWORK_MEETING",
        [_plan(**CIN)],
        "2018-02-10",
        "2018-02-10",
        event("FamilyNetworkMeetingHeld", held_on="2018-02-10"),
    ),
]


@pytest.mark.parametrize(("rule", "starts", "due", "met", "stop"), TIMERS, ids=[each[0] for each in TIMERS])
def test_a_timer_of_protection_starts_is_due_and_is_met(
    rule: str, starts: list[Post], due: str, met: str, stop: Post
) -> None:
    check(rule, starts, due, met, stop)
