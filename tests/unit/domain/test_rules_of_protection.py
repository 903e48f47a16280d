"""Rules of enquiries, conferences and plans: both sides of each, and in either order of recording."""

from typing import Any

import pytest

from tests.support.casework import Post, event, given, nothing
from tests.support.orders import agreeing, contradicting


def started(enquiry_id: str, on: str, **data: Any) -> Post:
    return event("Section47Started", enquiry_id=enquiry_id, started_on=on, **data)


def completed(enquiry_id: str, on: str) -> Post:
    fields = {"enquiry_id": enquiry_id, "outcome": "NOT_SUBSTANTIATED", "completed_on": on}
    return event("Section47Completed", **fields)


def made(plan_id: str, on: str, kind: str = "CP", **data: Any) -> Post:
    return event("PlanMade", plan_id=plan_id, plan_kind=kind, made_on=on, **data)


def ended(plan_id: str, on: str) -> Post:
    return event("PlanEnded", plan_id=plan_id, ended_on=on)


def scheduled(day: str, kind: str = "ICPC") -> Post:
    return event("ConferenceScheduled", conference_id="k", kind=kind, scheduled_for=f"{day}T10:00:00Z")


def moved(day: str) -> Post:
    return event("ConferenceRescheduled", conference_id="k", scheduled_for=f"{day}T10:00:00Z")


def held(on: str, decision: str = "CP_PLAN", **data: Any) -> Post:
    return event("ConferenceHeld", conference_id="k", decision=decision, held_on=on, **data)


REFERRED = event("ReferralAccepted", referral_id="r", referral_date="2017-03-01")


def test_one_enquiry_at_a_time() -> None:
    first = started("1", "2017-03-01")
    contradicting("one_enquiry_at_a_time", first, completed("1", "2017-03-20"), started("2", "2017-03-10"))
    agreeing(first, completed("1", "2017-03-20"), started("2", "2017-03-20"))
    given(REFERRED, first).when(started("2", "2017-03-10")).then_admitted("another_open")


def test_an_enquiry_does_not_begin_before_the_referral_that_it_names() -> None:
    contradicting("before_its_referral", REFERRED, started("1", "2017-02-27", referral_id="r"))
    agreeing(REFERRED, started("1", "2017-03-01", referral_id="r"))


def test_an_enquiry_without_a_referral_or_a_start_is_flagged() -> None:
    nothing().when(started("1", "2017-03-01")).then_admitted("no_referral_open")
    given(REFERRED).when(completed("1", "2017-03-20")).then_admitted("start_unknown")


def test_one_child_protection_plan_at_a_time() -> None:
    facts = (made("1", "2017-03-01"), ended("1", "2017-06-01"))
    contradicting("one_protection_plan_at_a_time", *facts, made("2", "2017-05-01"))
    agreeing(*facts, made("2", "2017-06-01"))


def test_one_child_in_need_plan_at_a_time() -> None:
    facts = (made("1", "2017-03-01", "CIN"), ended("1", "2017-06-01"))
    contradicting("one_need_plan_at_a_time", *facts, made("2", "2017-05-01", "CIN"))
    agreeing(*facts, made("2", "2017-06-01", "CIN"))


@pytest.mark.parametrize(("outer", "inner"), [("CIN", "CP"), ("CP", "CIN")])
def test_no_child_in_need_plan_beside_a_child_protection_plan(outer: str, inner: str) -> None:
    facts = (made("1", "2017-03-01", outer), ended("1", "2017-06-01"))
    contradicting("no_need_plan_beside_a_protection_plan", *facts, made("2", "2017-05-01", inner))
    agreeing(*facts, made("2", "2017-06-01", inner))


def test_a_plan_made_while_another_is_not_known_to_be_over_is_flagged() -> None:
    before = given(REFERRED, made("1", "2017-03-01", "CIN"))
    stepped_up = before.when(made("2", "2017-05-01")).then_admitted("another_open")
    assert stepped_up.when(ended("1", "2017-05-01")).then_admitted().case.status == "CP_PLAN"


def test_plans_of_other_kinds_run_beside_any() -> None:
    given(made("1", "2017-03-01")).when(made("2", "2017-04-01", "PEP")).then_admitted()


def test_no_review_conference_within_a_child_in_need_plan() -> None:
    facts = (made("1", "2017-03-01", "CIN"), ended("1", "2017-06-01"))
    contradicting("no_review_conference_in_a_need_plan", *facts, held("2017-05-02", "REMAINS", kind="RCPC"))
    agreeing(*facts, held("2017-06-01", "REMAINS", kind="RCPC"))
    agreeing(*facts, held("2017-05-02", kind="ICPC"))


def test_a_child_protection_plan_starts_at_its_conference() -> None:
    contradicting(
        "protection_plan_starts_at_its_conference",
        held("2017-05-02"),
        made("1", "2017-05-03", conference_id="k"),
    )
    agreeing(held("2017-05-02"), made("1", "2017-05-02", conference_id="k"))
    agreeing(held("2017-05-02"), made("1", "2017-05-03", "CIN", conference_id="k"))
    agreeing(held("2017-05-02", "REMAINS"), made("1", "2017-02-03", conference_id="k"))


def test_a_child_protection_plan_lasts_longer_than_a_day() -> None:
    contradicting("protection_plan_lasts_a_day", made("1", "2017-03-01"), ended("1", "2017-03-01"))
    agreeing(made("1", "2017-03-01"), ended("1", "2017-03-02"))
    agreeing(made("1", "2017-03-01", "CIN"), ended("1", "2017-03-01"))
    contradicting("ends_before_it_begins", made("1", "2017-03-01", "PEP"), ended("1", "2017-02-28"))


def test_only_child_protection_plans_have_a_category() -> None:
    changed = event("PlanCategoryChanged", plan_id="1", category="EMO", changed_on="2017-04-01")
    contradicting("only_protection_plans_have_a_category", made("1", "2017-03-01", "CIN"), changed)
    agreeing(made("1", "2017-03-01"), changed)


def test_a_plan_within_a_referral_that_led_to_nothing_is_refused() -> None:
    nfa = event("ReferralClosedNfa", referral_id="r", closed_on="2017-04-01")
    contradicting("no_action_means_none", REFERRED, nfa, made("1", "2017-03-20", "CIN"))


def test_a_plan_is_over_when_its_case_is_closed() -> None:
    closed = event("CaseClosed", reason="RC8", closed_on="2017-05-01")
    facts = (made("1", "2017-03-01"), ended("1", "2017-06-01"))
    contradicting("work_outlives_its_case", *facts, closed)


SATURDAY = "2017-09-30"


@pytest.mark.parametrize("post", [moved(SATURDAY), held(SATURDAY)])
def test_an_initial_conference_is_not_at_a_weekend(post: Post) -> None:
    given(scheduled("2017-09-29")).when(post).then_refused("no_initial_conference_at_a_weekend")
    given(post).when(scheduled("2017-09-29")).then_refused("no_initial_conference_at_a_weekend")
    nothing().when(scheduled(SATURDAY)).then_refused(
        "no_initial_conference_at_a_weekend", "/data/scheduled_for"
    )


@pytest.mark.parametrize("post", [moved(SATURDAY), held(SATURDAY, "REMAINS")])
def test_another_conference_at_a_weekend_is_flagged(post: Post) -> None:
    given(scheduled("2017-09-29", "RCPC")).when(post).then_admitted("on_a_weekend")
    nothing().when(scheduled(SATURDAY, "RCPC")).then_admitted("on_a_weekend")


def test_a_conference_keeps_its_kind() -> None:
    contradicting("conference_keeps_its_kind", scheduled("2017-09-29"), held("2017-09-29", kind="RCPC"))
    agreeing(scheduled("2017-09-29"), held("2017-09-29", kind="ICPC"))


def test_a_conference_that_was_not_scheduled_here_or_lacked_agencies_is_flagged() -> None:
    nothing().when(held("2017-09-29")).then_admitted("not_scheduled")
    nothing().when(moved("2017-09-29")).then_admitted("not_scheduled")
    report = event("AgencyReportReceived", conference_id="k", agency="SCHOOL", received_on="2017-09-27")
    nothing().when(report).then_admitted("not_scheduled")
    story = given(scheduled("2017-09-29"))
    story.when(report).then_admitted()
    story.when(held("2017-09-29", quorate=False)).then_admitted("not_quorate")
    story.when(held("2017-09-29", quorate=True)).then_admitted()


def test_a_late_report_is_taken() -> None:
    late = event("AgencyReportReceived", conference_id="k", agency="SCHOOL", received_on="2017-10-02")
    given(scheduled("2017-09-29"), held("2017-09-29")).when(late).then_admitted("out_of_timescale")


@pytest.mark.parametrize("name", ["CoreGroupHeld", "FamilyNetworkMeetingHeld"])
def test_a_meeting_about_a_plan_that_is_not_known_is_flagged(name: str) -> None:
    nothing().when(event(name, held_on="2017-03-08")).then_admitted("no_plan_open")
    given(made("1", "2017-03-01", "CIN")).when(event(name, held_on="2017-03-08")).then_admitted()


def test_a_core_group_may_be_that_of_a_child_protection_plan_a_review_may_not() -> None:
    story = given(made("1", "2017-03-01"))
    story.when(event("CoreGroupHeld", held_on="2017-03-08")).then_admitted()
    review = event("CinReviewHeld", decision="CONTINUE", held_on="2017-03-08")
    story.when(review).then_admitted("no_plan_open")


@pytest.mark.parametrize(
    ("kind", "until", "flags"),
    [
        ("POLICE_PROTECTION", "2017-09-04T10:00:00Z", []),
        ("POLICE_PROTECTION", "2017-09-04T10:00:01Z", ["over_72_hours"]),
        ("EPO", "2017-09-09T10:00:00Z", []),
    ],
)
def test_police_protection_for_more_than_72_hours_is_flagged(kind: str, until: str, flags: list[str]) -> None:
    action = event(
        "ProtectiveActionTaken", action_id="1", kind=kind, to=until, **{"from": "2017-09-01T10:00:00Z"}
    )
    nothing().when(action).then_admitted(*flags)


def test_protection_does_not_end_before_it_begins() -> None:
    times = {"from": "2017-09-01T10:00:00Z", "to": "2017-09-01T09:59:59Z"}
    action = event("ProtectiveActionTaken", action_id="1", kind="EPO", **times)
    nothing().when(action).then_refused("protection_ends_before_it_begins", "/data/to")
