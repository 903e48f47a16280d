"""Facts of a case: admitted late, early or untidy, under a flag; refused only when they cannot be true."""

import pytest

from services.domain.calendar import with_closure_days
from services.domain.state.status import CaseStatus
from tests.support.casework import (
    KNOWN,
    Post,
    appointed,
    contact,
    event,
    given,
    informal,
    instant,
    nothing,
    plan,
    raised,
    resolved,
    stood_down,
    strategy,
    voided,
)


@pytest.mark.parametrize("post", [contact(), plan("PEP"), event("GoodPracticeRecorded")])
def test_facts_are_admitted_in_an_empty_case(post: Post) -> None:
    nothing().when(post).then_admitted()


@pytest.mark.parametrize("post", [strategy(), plan("CIN"), plan("CP")])
def test_work_on_a_child_without_an_open_referral_is_flagged(post: Post) -> None:
    nothing().when(post).then_admitted("no_referral_open")
    referred = event("ReferralAccepted", referral_id="r", referral_date="2017-10-02")
    given(referred).when(post).then_admitted()


def test_a_second_event_of_the_same_contact_is_recorded_again() -> None:
    given(contact()).when(contact()).then_admitted("recorded_again")
    given(contact()).when(contact("contact-2")).then_admitted()


def test_a_second_event_of_the_same_strategy_discussion_is_recorded_again_and_counts() -> None:
    story = given(strategy("NO_S47")).when(strategy("S47_JOINT")).then()
    assert story.records[-1].flags == ("recorded_again", "no_referral_open")
    assert story.case.status is CaseStatus.S47_ENQUIRY


def test_a_second_event_of_the_same_plan_is_recorded_again() -> None:
    given(plan("PEP")).when(plan("PEP")).then_admitted("recorded_again")


def test_a_plan_does_not_change_its_kind() -> None:
    given(plan("CIN")).when(plan("CP")).then_refused("plan_changed_its_kind", "/data/plan_id")
    given(plan("CIN")).when(plan("CP", "plan-2")).then_admitted("no_referral_open", "another_open")


@pytest.mark.parametrize(
    ("time", "recorded"),
    [
        pytest.param("2017-10-02T09:05:00Z", "2017-10-02T09:00:00Z", id="a clock five minutes ahead"),
        pytest.param("2017-10-02T09:00:00Z", "2017-10-02T09:00:00Z", id="now"),
    ],
)
def test_a_clients_clock_may_run_a_little_ahead(time: str, recorded: str) -> None:
    nothing().when(contact().saying(time=time).at(recorded)).then_admitted()


def test_what_has_not_happened_yet_is_refused() -> None:
    ahead = contact().saying(time="2017-10-02T09:05:01Z").at("2017-10-02T09:00:00Z")
    nothing().when(ahead).then_refused("time_in_the_future", "/time")


@pytest.mark.parametrize(
    ("post", "at"),
    [
        (plan("PEP", made_on="2017-10-03"), "/data/made_on"),
        (event("ContactReceived", contact_id="c", received_at="2017-10-02T22:59:00Z"), "/data/received_at"),
        (
            event("StrategyHeld", strategy_id="s", decision="NO_S47", held_at="2017-10-03T09:00:00Z"),
            "/data/held_at",
        ),
        (event("InformalResolutionAttempted", alert_id="a", on="2017-10-03"), "/data/on"),
    ],
)
def test_a_date_that_has_not_come_yet_is_refused(post: Post, at: str) -> None:
    nothing().when(post.at("2017-10-02T22:50:00Z")).then_refused("date_in_the_future", at)
    nothing().when(post.at("2017-10-03T09:00:00Z")).then()


def test_an_alert_is_not_resolved_on_a_day_that_has_not_come_yet() -> None:
    given(raised()).when(resolved(resolved_on="2017-10-03")).then_refused("date_in_the_future")
    given(raised()).when(resolved(resolved_on="2017-10-02")).then_admitted()


def test_today_is_londons() -> None:
    # 23:30 in UTC on 14 June is 00:30 on the 15th in London.
    nothing().when(plan("PEP", made_on="2018-06-15").at("2018-06-14T23:30:00Z")).then_admitted()


@pytest.mark.parametrize(
    ("happened", "recorded", "flags"),
    [
        pytest.param("2017-10-02T08:00:00Z", "2017-10-02T17:00:00Z", (), id="the same day"),
        pytest.param("2017-10-02T08:00:00Z", "2017-10-03T22:59:59Z", (), id="through the next working day"),
        pytest.param(
            "2017-10-02T08:00:00Z", "2017-10-03T23:00:00Z", ("late_entry",), id="Wednesday began in London"
        ),
        pytest.param("2017-10-06T20:00:00Z", "2017-10-09T20:00:00Z", (), id="Friday, recorded on Monday"),
        pytest.param(
            "2017-10-06T20:00:00Z", "2017-10-10T07:00:00Z", ("late_entry",), id="Friday, recorded on Tuesday"
        ),
        pytest.param("2018-03-29T20:00:00Z", "2018-04-03T20:00:00Z", (), id="over Easter"),
        pytest.param(
            "2018-03-29T20:00:00Z", "2018-04-04T07:00:00Z", ("late_entry",), id="over Easter and a day"
        ),
        pytest.param("2018-03-24T23:30:00Z", "2018-03-26T22:59:59Z", (), id="clocks go forward"),
        pytest.param(
            "2018-03-23T23:30:00Z", "2018-03-26T23:00:00Z", ("late_entry",), id="clocks go forward, too late"
        ),
        pytest.param("2018-10-26T23:30:00Z", "2018-10-29T23:59:59Z", (), id="clocks go back"),
        pytest.param(
            "2018-10-26T23:30:00Z", "2018-10-30T00:00:00Z", ("late_entry",), id="clocks go back, too late"
        ),
        pytest.param(
            "1931-05-01T08:00:00Z", "2017-10-02T09:00:00Z", ("late_entry",), id="before the calendar begins"
        ),
    ],
)
def test_what_is_recorded_more_than_a_working_day_after_it_happened_is_late(
    happened: str, recorded: str, flags: tuple[str, ...]
) -> None:
    nothing().when(contact().saying(time=happened).at(recorded)).then_admitted(*flags)


def test_an_authoritys_closure_day_is_no_working_day_to_be_late_on() -> None:
    closed = with_closure_days(KNOWN, [instant("2017-10-03").date()])
    given(days=closed).when(contact().saying(time="2017-10-02T08:00:00Z").at("2017-10-04")).then_admitted()


def test_beyond_the_calendar_nothing_is_called_late() -> None:
    fact = contact().saying(time="2028-12-29T08:00:00Z").at("2029-02-01")
    nothing().when(fact).then_admitted("calendar_unknown")
    fact = contact().saying(time="2031-01-01T08:00:00Z").at("2031-02-01")
    nothing().when(fact).then_admitted("calendar_unknown")


def test_flags_come_together() -> None:
    again = contact().saying(time="2017-09-01T08:00:00Z")
    given(contact()).when(again).then_admitted("late_entry", "recorded_again")


@pytest.mark.parametrize("post", [appointed(), stood_down()])
def test_the_office_is_not_a_case(post: Post) -> None:
    nothing().when(post).then_refused("belongs_to_the_office", "/type")


def test_good_practice_is_recorded_with_or_without_an_alert() -> None:
    nothing().when(event("GoodPracticeRecorded", alert_id="alert-9")).then_admitted()
    given(informal()).when(event("GoodPracticeRecorded", what="Kind.")).then_admitted()


def test_only_what_was_recorded_is_voided() -> None:
    nothing().when(voided("event-1")).then_refused("no_such_event", "/data/target_event_id")
    given(contact()).when(voided("event-2")).then_refused("no_such_event")
    given(contact()).when(voided("event-1")).then_admitted()


def test_an_id_that_two_sources_used_does_not_say_what_to_void() -> None:
    twice = given(contact(), contact("contact-2").saying(id="event-1", source="/elsewhere"))
    twice.when(voided("event-1")).then_refused("ambiguous_event", "/data/target_event_id")


def test_a_fact_is_voided_once() -> None:
    given(contact(), voided("event-1")).when(voided("event-1")).then_refused("already_voided")


def test_a_voiding_is_not_voided() -> None:
    given(contact(), voided("event-1")).when(voided("event-2")).then_refused("voiding_a_void")
