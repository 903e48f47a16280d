"""Deadlines: open, due soon, overdue, met, late; by how much, by which rule; never by when it was typed."""

from datetime import date

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.domain.calendar import add_months, with_closure_days
from services.domain.deadlines import Deadline, deadlines
from services.domain.terms import count, runs
from services.domain.timescale import Unit, in_force
from services.domain.timescales import NOT_TIMED, TIMESCALES
from tests.support.casework import (
    KNOWN,
    Post,
    Story,
    bypassed,
    contact,
    event,
    given,
    instant,
    raised,
    resolved,
    voided,
)
from tests.support.samples_of_casework import ALLEGATION, CHILD

REFERRED = event("ReferralAccepted", referral_id="r", referral_date="2018-01-31")
MADE = event("PlanMade", plan_id="p", plan_kind="CP", made_on="2018-01-31")
TAKEN = event("ChildBecameLookedAfter", period_id="c", started_on="2018-01-31")
PLACED = event("PlacementStarted", placement_id="h", started_on="2017-01-31", permanent=True)


def assessed(on: str) -> Post:
    return event("AssessmentAuthorised", assessment_id="a", outcome="CIN", authorised_on=on)


def held(review_id: str, on: str) -> Post:
    return event("ReviewMeetingHeld", review_id=review_id, held_on=on)


def seen(on: str) -> Post:
    return event("ChildSeen", seen_on=on)


def visited(on: str) -> Post:
    return event("PrivateFosteringVisitMade", arrangement_id="a", on=on)


def told(*posts: Post) -> Story:
    """All of it typed in on one day, long after."""
    return given(*(post.at("2020-03-02") for post in posts))


def of(rule: str, story: Story, at: str = "2020-03-02") -> list[Deadline]:
    return [each for each in deadlines(story.case, instant(at), KNOWN) if each.rule == rule]


def states(rule: str, story: Story, at: str = "2020-03-02") -> list[str]:
    return [each.state for each in of(rule, story, at)]


@pytest.mark.parametrize(
    ("now", "state", "late_by"),
    [
        ("2018-01-31T12:00:00Z", "OPEN", 0),
        ("2018-03-27T22:59:59Z", "OPEN", 0),
        ("2018-03-27T23:00:00Z", "DUE_SOON", 0),  # the 40th working day, in London
        ("2018-04-06T22:59:59Z", "DUE_SOON", 0),
        ("2018-04-06T23:00:00Z", "OVERDUE", 0),
        ("2018-04-09T12:00:00Z", "OVERDUE", 1),
        ("2018-04-16T12:00:00Z", "OVERDUE", 6),
    ],
)
def test_a_deadline_is_open_then_due_soon_then_overdue_by_working_days(
    now: str, state: str, late_by: int
) -> None:
    (deadline,) = of("ASSESS_45", told(REFERRED), now)
    assert (deadline.state, deadline.late_by) == (state, late_by)


def test_a_deadline_names_its_warnings_its_rule_and_the_calendar_it_was_counted_with() -> None:
    (deadline,) = of("ASSESS_45", told(REFERRED))
    assert [str(day) for day in deadline.warnings] == ["2018-02-14", "2018-02-28", "2018-03-28"]
    assert (deadline.timer, deadline.about, deadline.calendar_version) == ("D-ASSESS", "r", KNOWN.version)


def test_what_was_done_in_time_is_in_time_however_late_it_was_recorded() -> None:
    story = told(REFERRED, assessed("2018-03-28").saying(time="2018-03-28T10:00:00Z"))
    assert states("ASSESS_45", story) == states("ASSESS_40", story) == ["MET"]


def test_what_does_not_say_its_own_date_happened_at_the_time_of_its_envelope() -> None:
    untold = event("AssessmentAuthorised", assessment_id="a", outcome="CIN")
    assert states("ASSESS_45", told(REFERRED, untold.saying(time="2018-04-06T22:59:59Z"))) == ["MET"]
    assert states("ASSESS_45", told(REFERRED, untold.saying(time="2018-04-06T23:00:00Z"))) == ["MET_LATE"]


def test_documents_that_contradict_each_other_are_two_deadlines() -> None:
    story = told(TAKEN, held("1", "2018-03-01"))
    assert [each.due_on for each in of("CLA_REVIEW_FIRST_20_WD", story)] == [date(2018, 2, 28)]
    easter = told(event("ChildBecameLookedAfter", period_id="c", started_on="2018-03-20"))
    assert [str(each.due_on) for each in of("CLA_REVIEW_FIRST_28_DAYS", easter)] == ["2018-04-17"]
    assert [str(each.due_on) for each in of("CLA_REVIEW_FIRST_20_WD", easter)] == ["2018-04-19"]


def test_a_rule_that_was_not_in_force_yet_sets_no_deadline() -> None:
    early = event("ReferralAccepted", referral_id="r", referral_date="2013-04-14")
    assert [each.rule for each in in_force(TIMESCALES, "D-ASSESS", date(2013, 4, 14))] == ["ASSESS_40"]
    assert [of("ASSESS_45", told(early)), len(of("ASSESS_40", told(early)))] == [[], 1]


def test_a_review_held_twice_by_two_people_is_one_review() -> None:
    once = told(TAKEN, held("1", "2018-02-20"), held("2", "2018-05-18"))
    twice = told(TAKEN, held("1", "2018-02-20"), held("2", "2018-05-18"), held("2b", "2018-05-18"))
    assert deadlines(once.case, twice.now, KNOWN)[0].rule
    assert of("CLA_REVIEW_SECOND", twice) == of("CLA_REVIEW_SECOND", once)
    assert of("CLA_REVIEW_LATER", twice) == of("CLA_REVIEW_LATER", once)


def test_reviews_go_on_each_from_the_one_before() -> None:
    story = told(TAKEN, held("1", "2018-02-20"), held("2", "2018-05-18"), held("3", "2018-11-19"))
    assert states("CLA_REVIEW_FIRST_20_WD", story) == ["MET"]
    assert states("CLA_REVIEW_SECOND", story) == ["MET"]
    later = of("CLA_REVIEW_LATER", story)
    assert [(each.state, str(each.due_on)) for each in later] == [
        ("MET_LATE", "2018-11-18"),
        ("OVERDUE", "2019-05-19"),
    ]
    assert later[0].late_by == 1


def test_a_correction_in_the_middle_of_a_chain_is_counted_anew() -> None:
    story = told(TAKEN, held("1", "2018-02-20"), held("2", "2018-05-18"), voided("event-2"))
    assert states("CLA_REVIEW_FIRST_20_WD", story) == ["MET_LATE"]
    assert [str(each.due_on) for each in of("CLA_REVIEW_SECOND", story)] == ["2018-08-18"]


def test_what_ends_takes_its_deadlines_with_it_and_leaves_those_that_were_late() -> None:
    ended = event("PlanEnded", plan_id="p", ended_on="2018-02-12")
    assert of("CORE_GROUP_FIRST", told(MADE, ended)) == of("RCPC_FIRST", told(MADE, ended)) == []
    late = event("PlanEnded", plan_id="p", ended_on="2018-03-12")
    (deadline,) = of("CORE_GROUP_FIRST", told(MADE, late))
    assert (deadline.state, deadline.late_by) == ("LAPSED", 18)
    assert of("RCPC_FIRST", told(MADE, late)) == []


def test_closing_a_case_ends_every_deadline_in_it() -> None:
    closed = event("CaseClosed", reason="RC8", closed_on="2018-02-01")
    ordered = event("SupervisionOrderReviewHeld", order_made_on="2018-01-22", held_on="2018-01-31")
    story = told(REFERRED, MADE, TAKEN, ordered, closed)
    assert story.case.status == "CLOSED"
    found = deadlines(story.case, instant("2020-03-02"), KNOWN)
    assert {each.state for each in found} == {"MET"}  # the plan's length, the review


def test_a_conference_that_is_not_needed_is_not_due() -> None:
    decided = event("StrategyHeld", strategy_id="s", decision="S47_SINGLE", held_at="2018-01-31T10:00:00Z")

    def completed(outcome: str, **data: bool) -> Post:
        fields = {"enquiry_id": "e", "outcome": outcome, "completed_on": "2018-02-09"}
        return event("Section47Completed", **fields, **data)

    assert of("ICPC", told(decided, completed("NOT_SUBSTANTIATED"))) == []
    assert of("ICPC", told(decided, completed("SUBSTANTIATED_ONGOING", icpc_required=False))) == []
    assert states("ICPC", told(decided, completed("SUBSTANTIATED_ONGOING"))) == ["OVERDUE"]


def test_a_meeting_that_was_moved_is_prepared_for_the_new_day_until_it_is_held() -> None:
    scheduled = event("ClaReviewScheduled", review_id="r", scheduled_for="2018-02-20T10:00:00Z")
    moved = event("ClaReviewRescheduled", review_id="r", scheduled_for="2018-02-27T10:00:00Z")
    assert [str(each.due_on) for each in of("SW_REPORT", told(scheduled))] == ["2018-02-15"]
    assert [str(each.due_on) for each in of("SW_REPORT", told(scheduled, moved))] == ["2018-02-22"]
    assert [str(each.due_on) for each in of("SW_REPORT", told(scheduled, held("r", "2018-02-26")))] == [
        "2018-02-21"
    ]


@pytest.mark.parametrize(("ended", "found"), [("2018-02-14", []), ("2018-02-16", ["LAPSED"])])
def test_a_meeting_that_lapsed_asks_for_no_more_papers(ended: str, found: list[str]) -> None:
    review = event("ClaReviewScheduled", review_id="r", scheduled_for="2018-02-20T10:00:00Z")
    ceased = event("ChildCeasedLookedAfter", period_id="c", ceased_on=ended)
    arranged = review.saying(time="2018-02-01T09:00:00Z")
    assert states("SW_REPORT", told(TAKEN, arranged, ceased)) == found

    meeting = {"conference_id": "k", "kind": "ICPC", "scheduled_for": "2018-02-16T10:00:00Z"}
    conference = event("ConferenceScheduled", **meeting).saying(time="2018-02-01T09:00:00Z")
    closed = event("CaseClosed", reason="RC8", closed_on=ended)
    assert states("REPORT_ICPC_WORKER", told(REFERRED, conference, closed)) == found


def test_a_permanent_placement_is_visited_less_often_after_a_year() -> None:
    period = event("ChildBecameLookedAfter", period_id="c", started_on="2017-01-31")
    story = told(period, PLACED, seen("2017-02-06"), seen("2018-02-01"))
    assert [str(each.due_on) for each in of("CLA_VISIT_LATER", story)] == ["2017-03-20"]
    assert [str(each.due_on) for each in of("CLA_VISIT_PERMANENT", story)] == ["2018-05-01"]


def test_private_fostering_is_visited_less_often_after_a_year_until_the_child_is_sixteen() -> None:
    notified = event(
        "PrivateFosteringNotified", arrangement_id="a", notified_on="2018-01-31", child_birth_month="2002-06"
    )
    assert of("PF_VISIT_FIRST_YEAR", told(notified, visited("2018-02-05"), visited("2018-05-30")))
    assert states("PF_VISIT_LATER", told(notified, visited("2018-02-05"))) == []
    disabled = event(
        "PrivateFosteringNotified",
        arrangement_id="a",
        notified_on="2018-01-31",
        child_birth_month="2002-06",
        disabled=True,
    )
    assert states("PF_VISIT_LATER", told(disabled, visited("2019-02-05"))) == ["OVERDUE"]


@pytest.mark.parametrize(
    ("until", "state", "late_by"),
    [("2018-02-03T10:00:00Z", "MET", 0), ("2018-02-03T10:00:01Z", "MET_LATE", 1), (None, "OVERDUE", 2)],
)
def test_police_protection_is_counted_in_hours(until: str | None, state: str, late_by: int) -> None:
    action = event(
        "ProtectiveActionTaken",
        action_id="x",
        kind="POLICE_PROTECTION",
        **{"from": "2018-01-31T10:00:00Z"},
        **({"to": until} if until else {}),
    )
    (deadline,) = of("POLICE_PROTECTION", told(action), "2018-02-03T11:30:00Z")
    assert (deadline.state, deadline.late_by) == (state, late_by)


def test_the_ladders_dates_are_those_that_its_events_say() -> None:
    story = given(raised())
    found = {each.rule: each.due_on for each in deadlines(story.case, story.now, KNOWN)}
    assert found == {"RESPONSE": story.alert.due_on, "CAP": story.alert.cap_on}
    climbed = given(raised(), bypassed("HEAD_OF_SERVICE").at("2017-10-05"))
    found = {each.rule: each.due_on for each in deadlines(climbed.case, climbed.now, KNOWN)}
    assert found == {"RESPONSE": climbed.alert.due_on, "CAP": climbed.alert.cap_on}
    done = given(raised(), resolved().at("2017-10-30T23:59:59Z"))
    assert [(each.rule, each.state) for each in deadlines(done.case, done.now, KNOWN)] == [("CAP", "MET")]


def test_a_closure_day_of_the_authority_is_no_working_day() -> None:
    closed = with_closure_days(KNOWN, [date(2018, 2, 1)])
    (deadline,) = deadlines(
        told(contact().saying(time="2018-01-31T10:00:00Z")).case, instant("2018-02-02"), closed
    )
    assert (deadline.due_on, deadline.state) == (date(2018, 2, 2), "DUE_SOON")


def test_what_lies_beyond_the_known_calendar_is_said_to_be_unknown() -> None:
    old = event("ReferralAccepted", referral_id="r", referral_date="2009-01-31")
    assert [(each.state, each.due_on) for each in of("ASSESS_40", told(old))] == [("UNKNOWN", None)]


@pytest.mark.parametrize(
    ("start", "months", "due"),
    [
        ("2017-11-30", 3, "2018-02-28"),
        ("2015-11-30", 3, "2016-02-29"),
        ("2018-08-31", 6, "2019-02-28"),
        ("2018-02-28", 6, "2018-08-28"),
        ("2018-12-31", 12, "2019-12-31"),
    ],
)
def test_months_are_clamped_to_the_last_day(start: str, months: int, due: str) -> None:
    assert str(count(date.fromisoformat(start), months, Unit.MONTHS, KNOWN)) == due


@for_all(st.dates(date(2012, 1, 2), date(2026, 1, 1)), st.integers(0, 24), st.sampled_from(Unit))
def test_a_longer_limit_is_never_due_sooner(start: date, amount: int, unit: Unit) -> None:
    assert count(start, amount, unit, KNOWN) <= count(start, amount + 1, unit, KNOWN)
    assert count(start, amount, Unit.MONTHS, KNOWN) == add_months(start, amount)


def test_every_rule_has_its_own_name_a_source_and_a_limit_other_than_nothing() -> None:
    assert len({each.rule for each in TIMESCALES}) == len(TIMESCALES)
    assert all(each.source and each.limit and each.starts and each.stops for each in TIMESCALES)
    assert all(each.in_force_until is None or each.in_force_from for each in TIMESCALES)
    assert set(NOT_TIMED) == {"T20", "T28", *(f"T{n}" for n in (37, 38, 39, 40, 41, 42, 43, 44))}


def test_every_timer_that_runs_has_a_rule() -> None:
    known = {each.timer for each in TIMESCALES}
    for samples in (CHILD, ALLEGATION):
        story = given(*(Post(type=name, data=data, attributes={}) for name, data in samples.items()))
        assert {run.timer for run in runs(story.case)} <= known


@pytest.mark.parametrize(
    ("on", "flags"), [("2018-03-28", []), ("2018-04-06", []), ("2018-04-09", ["out_of_timescale"])]
)
def test_what_is_late_by_every_rule_is_admitted_and_flagged(on: str, flags: list[str]) -> None:
    started = event("AssessmentStarted", assessment_id="a", start_date="2018-02-01")
    authorised = event("AssessmentAuthorised", assessment_id="a", outcome="NOT_IN_NEED", authorised_on=on)
    told(REFERRED, started).when(authorised).then_admitted(*flags)


def test_a_plan_that_lasts_is_not_late() -> None:
    told(MADE).when(event("PlanEnded", plan_id="p", ended_on="2020-02-28")).then_admitted()


def test_what_is_late_but_was_told_before_is_flagged_once() -> None:
    story = told(TAKEN)
    late = story.when(held("1", "2018-03-09")).then_admitted("not_scheduled", "out_of_timescale")
    late.when(event("DentalCheckRecorded", on="2018-03-12")).then_admitted()


def test_a_meeting_is_not_late_because_a_report_for_it_was() -> None:
    arranged = event("ClaReviewScheduled", review_id="1", scheduled_for="2018-02-20T10:00:00Z")
    report = event("ReviewReportReceived", review_id="1", recipient="IRO", received_on="2018-02-19")
    story = told(TAKEN, arranged).when(report).then_admitted("out_of_timescale")
    story.when(held("1", "2018-02-20")).then_admitted()
