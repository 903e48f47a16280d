"""What is known of an alert after each of its events, and that what cannot be used changes nothing."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.domain import alert as alerts
from services.domain import case as cases
from services.domain.alert import AT, Alert, AlertState, Response
from services.domain.events import EVENT_TYPES
from services.domain.events.alert import IssueCode, RaiserRole, Rung
from tests.support.casework import (
    ALERT,
    CASE,
    IRIS,
    MONDAY,
    SAM,
    TOM,
    Post,
    Story,
    accepted,
    acknowledged,
    bypassed,
    cafcass_outcome,
    cafcass_referral,
    cap_reached,
    escalated,
    exhausted,
    given,
    informal,
    not_told,
    raised,
    record_of,
    rejected,
    resolved,
    responded,
    told,
    withdrawn,
)
from tests.support.samples import SAMPLES

AT_TEAM_MANAGER = given(raised())
AWAITING_IRO = given(raised(), responded())
CLOSED = [given(raised(), resolved()), given(raised(), withdrawn())]
EVERYTHING = [name for name, data in SAMPLES.items() if "alert_id" in data and name != "GoodPracticeRecorded"]


def after(story: Story, name: str, **data: Any) -> Alert | None:
    """The alert after an event that need not have been admitted."""
    number = len(story.records) + 1
    record = record_of(name, {"alert_id": ALERT, **data}, number=number, at=story.now)
    return cases.fold(story.case, record).alerts.get(ALERT)


def test_an_attempt_to_settle_a_matter_is_informal_and_not_open() -> None:
    alert = given(informal()).alert
    assert alert == Alert(case_id=CASE, alert_id=ALERT, state=AlertState.INFORMAL)
    assert not alert.is_open
    assert not alert.window_open


def test_a_raised_alert_waits_for_the_team_manager() -> None:
    alert = given(raised(raised_by_role="IRO").saying(time="2017-10-02T08:00:00Z")).alert
    assert alert == Alert(
        case_id=CASE,
        alert_id=ALERT,
        state=AlertState.AT_TEAM_MANAGER,
        raised_by=IRIS,
        raised_by_role=RaiserRole.IRO,
        issue_code=IssueCode.CARE_PLAN_DRIFT,
        raised_at=MONDAY - timedelta(hours=1),
        raised_on=date(2017, 10, 2),
        rung=Rung.TEAM_MANAGER,
        rung_since=MONDAY,
        day0=date(2017, 10, 2),
        due_on=date(2017, 10, 9),
        cap_on=date(2017, 10, 30),
    )
    assert alert.is_open
    assert alert.window_open


def test_raising_after_an_attempt_to_settle_comes_to_the_same_as_raising() -> None:
    assert given(informal(), raised()).alert == given(raised()).alert


@pytest.mark.parametrize("to", list(Rung)[1:])
def test_an_escalation_opens_the_window_of_its_rung(to: Rung) -> None:
    alert = given(raised(), acknowledged(), responded(), bypassed(to).at("2017-10-03T09:00:00Z")).alert
    assert alert.state is AT[to]
    assert alert.rung is to
    assert alert.rung_since == datetime(2017, 10, 3, 9, tzinfo=UTC)
    assert (alert.day0, alert.due_on) == (date(2017, 10, 3), date(2017, 10, 10))
    assert alert.response is None
    assert not alert.acknowledged
    assert alert.window_open
    assert alert.cap_on == date(2017, 10, 30)


def test_acknowledging_does_not_stop_the_window() -> None:
    alert = given(raised(), acknowledged()).alert
    assert alert.acknowledged
    assert alert.window_open


def test_an_answer_stops_the_window_and_waits_for_the_reviewer() -> None:
    alert = AWAITING_IRO.alert
    assert alert.state is AlertState.AWAITING_IRO
    assert alert.response == Response(rung=Rung.TEAM_MANAGER, responder=TOM, received_on=date(2017, 10, 2))
    assert alert.is_open
    assert not alert.window_open


def test_a_decision_is_kept_with_its_moment() -> None:
    for post, state in ((accepted(), AlertState.ACCEPTED), (rejected(), AlertState.REJECTED)):
        alert = AWAITING_IRO.when(post.at("2017-10-03T09:00:00Z")).then_state(state)
        assert alert.decided_at == datetime(2017, 10, 3, 9, tzinfo=UTC)
        assert alert.response is not None


def test_an_exhausted_ladder_is_open_and_may_still_be_answered() -> None:
    story = given(raised(), bypassed("LSCB_CHAIR"), exhausted().at("2017-10-09T23:30:00Z"))
    assert story.alert.state is AlertState.EXHAUSTED
    assert story.alert.exhausted_on == date(2017, 10, 10)
    assert story.alert.is_open
    assert not story.alert.window_open
    answered = story.when(responded("chair", "LSCB_CHAIR")).then()
    assert answered.alert.state is AlertState.AWAITING_IRO
    assert answered.when(accepted()).then_state(AlertState.ACCEPTED).is_open


def test_the_cap_marks_the_alert_and_the_rung_and_changes_nothing_else() -> None:
    story = given(raised(), bypassed("HEAD_OF_SERVICE"), cap_reached().at("2017-10-31"))
    assert story.alert.cap_reached
    assert story.alert.cap_reached_at is Rung.HEAD_OF_SERVICE
    assert story.alert.window_open
    climbed = story.when(bypassed("LSCB_CHAIR")).then().when(cap_reached()).then()
    assert climbed.alert.cap_reached_at is Rung.HEAD_OF_SERVICE


def test_a_referral_to_cafcass_is_a_mark_and_its_outcome_takes_it_away() -> None:
    referred = AT_TEAM_MANAGER.when(cafcass_referral()).then()
    assert referred.alert.cafcass_open
    assert referred.alert.window_open
    assert referred.when(cafcass_outcome()).then().alert == AT_TEAM_MANAGER.alert


@pytest.mark.parametrize(
    ("post", "state"), [(resolved(), AlertState.RESOLVED), (withdrawn(), AlertState.WITHDRAWN)]
)
def test_resolving_or_withdrawing_stops_everything(post: Post, state: AlertState) -> None:
    alert = AT_TEAM_MANAGER.when(post.at("2017-10-04T09:00:00Z")).then_state(state)
    assert not alert.is_open
    assert not alert.window_open
    assert alert.closed_at == datetime(2017, 10, 4, 9, tzinfo=UTC)
    assert alert.rung is Rung.TEAM_MANAGER


def test_who_was_told_is_remembered_and_who_was_not_is_not() -> None:
    story = given(raised(), told("a"), told("b"), told("a"), not_told("c"))
    assert story.alert.told == {"a", "b"}


def test_two_alerts_of_one_case_do_not_touch_each_other() -> None:
    story = given(raised(), raised("alert-2", "HEALTH"), bypassed("HEAD_OF_SERVICE"))
    assert story.case.alerts["alert-2"].state is AlertState.AT_TEAM_MANAGER
    assert story.alert.state is AlertState.AT_HEAD_OF_SERVICE


# What was not admitted can still be met, where part of a history is folded: as it was known, or as it was.


@pytest.mark.parametrize("name", [name for name in EVERYTHING if name != "PracticeAlertRaised"])
def test_events_of_an_alert_that_is_not_known_make_none(name: str) -> None:
    found = after(given(), name, **SAMPLES[name])
    if name == "InformalResolutionAttempted":
        assert found is not None
        assert found.state is AlertState.INFORMAL
    else:
        assert found is None


@pytest.mark.parametrize("name", EVERYTHING)
@pytest.mark.parametrize("story", CLOSED, ids=["resolved", "withdrawn"])
def test_a_closed_alert_stays_closed(story: Story, name: str) -> None:
    found = after(story, name, **SAMPLES[name])
    assert found is not None
    assert found.state is story.alert.state
    assert found.rung is story.alert.rung
    assert found.closed_at == story.alert.closed_at


@pytest.mark.parametrize("name", EVERYTHING)
def test_nothing_but_raising_opens_an_informal_matter(name: str) -> None:
    found = after(given(informal()), name, **SAMPLES[name])
    assert found is not None
    assert found.is_open == (name == "PracticeAlertRaised")
    assert not found.cap_reached


def test_an_alert_that_is_raised_again_stays_as_it_is() -> None:
    assert after(AT_TEAM_MANAGER, "PracticeAlertRaised", issue_code="HEALTH") == AT_TEAM_MANAGER.alert


@pytest.mark.parametrize("name", ["EscalatedToServiceManager", "EscalatedToHeadOfService"])
def test_an_escalation_that_is_not_upwards_changes_nothing(name: str) -> None:
    story = given(raised(), bypassed("HEAD_OF_SERVICE"))
    assert after(story, name, trigger="IRO_BYPASS") == story.alert


def test_an_answer_from_another_rung_changes_nothing() -> None:
    story = given(raised(), escalated("SERVICE_MANAGER", "IRO_BYPASS"))
    for rung in ("TEAM_MANAGER", "HEAD_OF_SERVICE"):
        assert after(story, "ResponseReceived", rung=rung, responder=SAM) == story.alert


@pytest.mark.parametrize("name", ["ResponseAccepted", "ResponseRejected"])
def test_a_decision_on_nothing_changes_nothing(name: str) -> None:
    assert after(AT_TEAM_MANAGER, name, by=IRIS) == AT_TEAM_MANAGER.alert


def test_a_ladder_is_not_exhausted_below_the_chair() -> None:
    assert after(AT_TEAM_MANAGER, "LadderExhausted") == AT_TEAM_MANAGER.alert
    answered = given(raised(), bypassed("LSCB_CHAIR"), responded("chair", "LSCB_CHAIR"))
    assert after(answered, "LadderExhausted") == answered.alert


def test_every_state_is_reached_by_some_story() -> None:
    at_chair = given(raised(), bypassed("LSCB_CHAIR"))
    reached = {given(raised(), bypassed(rung)).alert.state for rung in list(Rung)[1:]}
    reached |= {story.alert.state for story in (given(informal()), AT_TEAM_MANAGER, AWAITING_IRO, *CLOSED)}
    reached |= {AWAITING_IRO.when(post).alert.state for post in (accepted(), rejected())}
    reached.add(at_chair.when(exhausted().at("2017-10-10")).alert.state)
    assert reached == set(AlertState)


def test_every_event_of_an_alert_is_folded() -> None:
    assert len(EVERYTHING) == 18
    for name in EVERYTHING:
        data = SAMPLES[name]
        record = record_of(name, data, number=1, at=MONDAY)
        assert isinstance(record.event, EVENT_TYPES[name])
        assert alerts.fold(AT_TEAM_MANAGER.alert, record, record.event) is not None  # type: ignore[arg-type]  # all are
