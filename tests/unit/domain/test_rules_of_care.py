"""Rules of looked-after children, private fostering and allegations: both sides, in either order."""

from typing import Any

import pytest

from tests.support.casework import Post, contact, event, given, nothing, plan, raised, strategy
from tests.support.orders import agreeing, contradicting
from tests.support.samples_of_casework import ALLEGATION


def taken(period_id: str, on: str) -> Post:
    return event("ChildBecameLookedAfter", period_id=period_id, started_on=on)


def ceased(period_id: str, on: str) -> Post:
    return event("ChildCeasedLookedAfter", period_id=period_id, ceased_on=on)


def placed(placement_id: str, on: str) -> Post:
    return event("PlacementStarted", placement_id=placement_id, started_on=on)


def of_review(name: str, on: str, field: str = "on") -> Post:
    return event(name, review_id="1", **{field: on})


def notified(days: int | None = None) -> Post:
    return event("PrivateFosteringNotified", arrangement_id="1", intended_days=days, notified_on="2017-05-01")


def received(on: str = "2017-09-18") -> Post:
    return event("LadoReferralReceived", role="POLICE", concern="OTHER", received_on=on)


IN_CARE = taken("1", "2017-03-01")
HELD = of_review("ReviewMeetingHeld", "2017-03-20", "held_on")


def test_one_period_at_a_time() -> None:
    contradicting("one_period_at_a_time", IN_CARE, ceased("1", "2017-06-01"), taken("2", "2017-05-01"))
    agreeing(IN_CARE, ceased("1", "2017-06-01"), taken("2", "2017-06-01"))
    given(IN_CARE).when(taken("2", "2017-05-01")).then_admitted("another_open")


@pytest.mark.parametrize(
    "ends",
    [
        [IN_CARE, ceased("1", "2017-02-28")],
        [placed("1", "2017-03-01"), event("PlacementEnded", placement_id="1", ended_on="2017-02-28")],
        [notified(), event("PrivateFosteringEnded", arrangement_id="1", ended_on="2017-04-30")],
    ],
)
def test_nothing_ends_before_it_begins(ends: list[Post]) -> None:
    contradicting("ends_before_it_begins", *ends)


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("ReviewCompleted", "completed_on"),
        ("ReviewRecommendationsDistributed", "on"),
        ("IroChecklistSubmitted", "submitted_on"),
    ],
)
def test_nothing_follows_a_review_before_it_was_held(name: str, field: str) -> None:
    contradicting("nothing_follows_a_review_before_it", HELD, of_review(name, "2017-03-19", field))
    agreeing(HELD, of_review(name, "2017-03-20", field))


def test_a_review_of_which_it_is_not_known_that_it_was_held_is_flagged() -> None:
    sent = of_review("ReviewRecommendationsDistributed", "2017-03-30")
    nothing().when(sent).then_admitted("not_held")
    given(HELD).when(sent).then_admitted()


def test_a_review_is_complete_when_the_officer_has_met_the_child() -> None:
    complete = of_review("ReviewCompleted", "2017-03-22", "completed_on")
    given(HELD).when(complete).then_admitted("child_not_met")
    given(HELD, event("IroMetChild", met_on="2017-03-23")).when(complete).then_admitted("child_not_met")
    given(HELD, event("IroMetChild", met_on="2017-03-22")).when(complete).then_admitted()


def test_a_review_recorded_twice_by_two_people_is_admitted_and_flagged() -> None:
    scheduled = event("ClaReviewScheduled", review_id="1", scheduled_for="2017-03-20T10:00:00Z")
    story = given(IN_CARE, scheduled, HELD)
    story.when(HELD).then_admitted("recorded_again")


@pytest.mark.parametrize(
    "post",
    [
        event("IroAppointed", iro="iro:1", on="2017-03-06"),
        event("IroChanged", iro="iro:1", on="2017-03-06"),
        event("LegalStatusChanged", to="ICO", on="2017-03-06"),
        event("PermanencePlanSet", permanency="ADOPTION", on="2017-03-06"),
        event("PathwayPlanMade", on="2017-03-06"),
        event("AdvocateOffered", on="2017-03-06"),
        event("AdvocateAccepted", on="2017-03-06"),
        event("PepReviewed", on="2017-03-06"),
        event("HealthAssessmentCompleted", kind="IHA", on="2017-03-06"),
        event("DentalCheckRecorded", on="2017-03-06"),
        event("EyeCheckRecorded", on="2017-03-06"),
        placed("1", "2017-03-06"),
    ],
)
def test_care_of_a_child_who_is_not_known_to_be_looked_after_is_flagged(post: Post) -> None:
    nothing().when(post).then_admitted("not_looked_after")
    given(IN_CARE, ceased("1", "2017-03-05")).when(post).then_admitted("not_looked_after")
    given(IN_CARE).when(post).then_admitted()


def test_a_second_placement_is_flagged_while_the_first_is_not_known_to_be_over() -> None:
    story = given(IN_CARE, placed("1", "2017-03-01"))
    story.when(placed("2", "2017-05-01")).then_admitted("another_open")
    ended = event("PlacementEnded", placement_id="1", ended_on="2017-05-01")
    story.when(ended).then_admitted().when(placed("2", "2017-05-01")).then_admitted()


@pytest.mark.parametrize(
    ("post", "flags"),
    [
        (ceased("1", "2017-03-01"), ["start_unknown"]),
        (
            event("PlacementEnded", placement_id="1", ended_on="2017-05-01"),
            ["start_unknown", "not_looked_after"],
        ),
        (event("PrivateFosteringVisitMade", arrangement_id="1"), ["start_unknown"]),
        (event("PrivateFosteringAssessed", arrangement_id="1"), ["start_unknown"]),
        (event("PrivateFosteringEnded", arrangement_id="1"), ["start_unknown"]),
        (
            event("ClaReviewRescheduled", review_id="1", scheduled_for="2017-03-20T10:00:00Z"),
            ["not_scheduled"],
        ),
        (event("ReviewReportReceived", review_id="1", recipient="IRO"), ["not_scheduled"]),
    ],
)
def test_what_goes_on_with_something_unknown_is_flagged(post: Post, flags: list[str]) -> None:
    nothing().when(post).then_admitted(*flags)


@pytest.mark.parametrize("days", [1, 27])
def test_a_shorter_stay_is_no_private_fostering(days: int) -> None:
    nothing().when(notified(days)).then_refused("too_short_for_private_fostering", "/data/intended_days")


@pytest.mark.parametrize("days", [28, 400, None])
def test_a_stay_of_28_days_is_private_fostering(days: int | None) -> None:
    story = nothing().when(notified(days)).then_admitted()
    visited = event("PrivateFosteringVisitMade", arrangement_id="1", on="2017-05-08")
    story.when(visited).then_admitted()


@pytest.mark.parametrize("fact", [contact(), strategy(), plan(), IN_CARE, notified()])
def test_an_allegation_has_a_case_of_its_own(fact: Post) -> None:
    contradicting("allegation_in_a_case_of_its_own", fact, received())


@pytest.mark.parametrize("name", sorted(ALLEGATION))
def test_each_step_of_an_allegation_has_a_case_of_its_own(name: str) -> None:
    step = Post(type=name, data=ALLEGATION[name], attributes={})
    given(contact()).when(step).then_refused("allegation_in_a_case_of_its_own", "/type")
    nothing().when(step).then()


def test_a_practice_alert_may_be_raised_in_any_case() -> None:
    given(received()).when(raised()).then_admitted()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("LadoThresholdDecided", {"decision": "ADVICE", "decided_on": "2017-09-17"}),
        ("LadoOutcomeRecorded", {"outcome": "FALSE", "on": "2017-09-17"}),
        ("LadoCaseClosed", {"on": "2017-09-17"}),
    ],
)
def test_nothing_is_decided_before_it_is_received(name: str, data: dict[str, Any]) -> None:
    contradicting("nothing_is_decided_before_it_is_received", received(), event(name, **data))
    agreeing(received("2017-09-17"), event(name, **data))
    nothing().when(event(name, **data)).then_admitted("not_received")


@pytest.mark.parametrize(
    ("consulted", "flags"),
    [
        ({}, []),
        ({"consulted_police": True, "consulted_lado": True}, []),
        ({"consulted_police": False}, ["not_consulted"]),
        ({"consulted_police": True, "consulted_lado": False}, ["not_consulted"]),
    ],
)
def test_an_adult_who_was_taken_back_without_asking_is_flagged(
    consulted: dict[str, bool], flags: list[str]
) -> None:
    back = event("SubjectReinstated", on="2017-09-25", **consulted)
    given(received()).when(back).then_admitted(*flags)
