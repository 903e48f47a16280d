"""Practice alerts that climb: when, to which rung, after downtime, and to the end of the ladder."""

from datetime import date

import pytest

from services.domain.alert import AlertState
from services.domain.events.alert import (
    LadderExhausted,
    Rung,
    StatutoryCapReached,
)
from tests.support.alerts import (
    ACCEPTED,
    AT_CHAIR,
    AT_TEAM_MANAGER,
    AWAITING_IRO,
    EXHAUSTED,
    OPEN,
    REJECTED,
    escalation,
    every_closed_state,
    every_open_state,
)
from tests.support.casework import (
    Story,
    bypassed,
    cafcass_outcome,
    cafcass_referral,
    cap_reached,
    escalated,
    exhausted,
    given,
    informal,
    raised,
    rejected,
    resolved,
    responded,
)

# ── Escalations


def test_a_window_expires_at_the_end_of_its_due_date_in_london() -> None:
    early = escalated().at("2017-10-09T22:59:59Z")
    AT_TEAM_MANAGER.when(early).then_refused("window_not_expired", "/data/trigger")
    story = AT_TEAM_MANAGER.when(escalated().at("2017-10-09T23:00:00Z")).then_admitted()
    assert (escalation(story).day0, escalation(story).due_on) == (date(2017, 10, 9), date(2017, 10, 16))


@pytest.mark.parametrize(
    ("recorded", "still_open", "expired"),
    [
        pytest.param("2018-03-19", "2018-03-26T22:59:59Z", "2018-03-26T23:00:00Z", id="clocks went forward"),
        pytest.param("2018-10-22", "2018-10-29T23:59:59Z", "2018-10-30T00:00:00Z", id="clocks went back"),
        pytest.param(
            "2018-03-16", "2018-03-23T23:59:59Z", "2018-03-24T00:00:00Z", id="before they go forward"
        ),
        pytest.param("2018-10-19", "2018-10-26T22:59:59Z", "2018-10-26T23:00:00Z", id="before they go back"),
    ],
)
def test_a_window_expires_at_midnight_whatever_the_clocks_do(
    recorded: str, still_open: str, expired: str
) -> None:
    story = given(raised().at(recorded))
    story.when(escalated().at(still_open)).then_refused("window_not_expired")
    story.when(escalated().at(expired)).then_admitted()


def test_an_escalation_says_what_it_left_and_what_it_skipped() -> None:
    step = escalation(AT_TEAM_MANAGER.when(bypassed("DIRECTOR_OF_CHILDRENS_SERVICES")).then_admitted())
    assert step.from_rung is Rung.TEAM_MANAGER
    assert step.skipped_rungs == (Rung.SERVICE_MANAGER, Rung.HEAD_OF_SERVICE)
    assert step.calendar_version


def test_a_bypass_counts_from_the_london_date_of_the_escalation() -> None:
    story = AT_TEAM_MANAGER.when(bypassed("HEAD_OF_SERVICE").at("2017-10-04T23:30:00Z")).then_admitted()
    assert (escalation(story).day0, escalation(story).due_on) == (date(2017, 10, 5), date(2017, 10, 12))


@every_open_state
def test_a_bypass_is_possible_from_any_open_state_below(story: Story) -> None:
    post = bypassed("LSCB_CHAIR")
    if story.alert.rung is Rung.LSCB_CHAIR:
        story.when(post).then_refused("ladder_never_goes_down", "/type")
    else:
        story.when(post).then_state(AlertState.AT_CHAIR)


@pytest.mark.parametrize("to", ["SERVICE_MANAGER", "HEAD_OF_SERVICE"])
def test_an_escalation_downwards_or_to_the_same_rung_is_refused(to: str) -> None:
    story = given(raised(), bypassed("HEAD_OF_SERVICE"))
    story.when(bypassed(to)).then_refused("ladder_never_goes_down", "/type")
    story.when(escalated(to).at("2017-12-01")).then_refused("ladder_never_goes_down")


def test_a_rejection_sends_the_alert_one_rung_up_from_the_london_date_of_the_escalation() -> None:
    climb = escalated("SERVICE_MANAGER", "RESPONSE_REJECTED").at("2017-10-06T23:30:00Z")
    story = REJECTED.when(climb).then_admitted()
    assert (escalation(story).day0, escalation(story).due_on) == (date(2017, 10, 7), date(2017, 10, 13))


@pytest.mark.parametrize("story", [AT_TEAM_MANAGER, AWAITING_IRO, ACCEPTED])
def test_nothing_was_rejected_unless_it_was(story: Story) -> None:
    climb = escalated("SERVICE_MANAGER", "RESPONSE_REJECTED")
    story.when(climb).then_refused("no_response_rejected", "/data/trigger")


@pytest.mark.parametrize("story", [AWAITING_IRO, ACCEPTED, REJECTED])
def test_a_window_that_was_stopped_does_not_expire(story: Story) -> None:
    story.when(escalated().at("2017-12-01")).then_refused("window_not_expired", "/data/trigger")


@pytest.mark.parametrize("trigger", ["WINDOW_EXPIRED", "RESPONSE_REJECTED"])
def test_only_a_bypass_passes_a_rung_over(trigger: str) -> None:
    climb = escalated("HEAD_OF_SERVICE", trigger).at("2017-10-11")
    AT_TEAM_MANAGER.when(climb).then_refused("rung_passed_over", "/type")


def test_an_escalation_leaves_the_rung_that_the_alert_is_at() -> None:
    wrong = escalated("HEAD_OF_SERVICE", "IRO_BYPASS", from_rung="SERVICE_MANAGER")
    AT_TEAM_MANAGER.when(wrong).then_refused("rung_left_before", "/data/from_rung")
    right = escalated("HEAD_OF_SERVICE", "IRO_BYPASS", from_rung="TEAM_MANAGER")
    AT_TEAM_MANAGER.when(right).then_admitted()


def test_a_bypass_that_names_the_skipped_rungs_names_all_of_them() -> None:
    wrong = escalated("LSCB_CHAIR", "IRO_BYPASS", skipped_rungs=["SERVICE_MANAGER"])
    AT_TEAM_MANAGER.when(wrong).then_refused("skipped_rungs_differ", "/data/skipped_rungs")
    right = escalated("HEAD_OF_SERVICE", "IRO_BYPASS", skipped_rungs=["SERVICE_MANAGER"])
    AT_TEAM_MANAGER.when(right).then_admitted()


def test_dates_of_an_escalation_that_a_client_gives_are_kept_and_flagged() -> None:
    climb = escalated("SERVICE_MANAGER", "IRO_BYPASS", day0="2017-09-01", due_on="2017-09-08")
    assert escalation(AT_TEAM_MANAGER.when(climb).then_admitted("dates_differ")).due_on == date(2017, 9, 8)
    wrong = escalated("SERVICE_MANAGER", "IRO_BYPASS", day0="2017-09-01", due_on="2017-08-01")
    AT_TEAM_MANAGER.when(wrong).then_refused("ends_before_it_begins", "/data/due_on")
    wrong = escalated("SERVICE_MANAGER", "IRO_BYPASS", due_on="9999-12-31")
    AT_TEAM_MANAGER.when(wrong).then_refused("beyond_the_calendar")


# ── Downtime


@pytest.mark.parametrize(
    ("recorded", "day0", "flags"),
    [
        pytest.param("2017-10-09T23:00:00Z", "2017-10-09", (), id="at once"),
        pytest.param("2017-10-10T22:59:59Z", "2017-10-09", (), id="through Tuesday"),
        pytest.param(
            "2017-10-10T23:00:00Z", "2017-10-11", ("delayed_by_system",), id="all of Tuesday went by"
        ),
        pytest.param(
            "2017-10-14T12:00:00Z", "2017-10-14", ("delayed_by_system",), id="recorded on a Saturday"
        ),
    ],
)
def test_a_whole_working_day_of_downtime_moves_day_0(
    recorded: str, day0: str, flags: tuple[str, ...]
) -> None:
    story = AT_TEAM_MANAGER.when(escalated().at(recorded)).then_admitted(*flags)
    assert str(escalation(story).day0) == day0


@pytest.mark.parametrize(
    ("recorded", "flags"),
    [
        pytest.param("2017-10-09T22:59:59Z", (), id="the weekend and Monday"),
        pytest.param("2017-10-09T23:00:00Z", ("delayed_by_system",), id="all of Monday went by"),
    ],
)
def test_a_weekend_is_no_downtime(recorded: str, flags: tuple[str, ...]) -> None:
    due_on_friday = given(raised().at("2017-09-29"))
    due_on_friday.when(escalated().at(recorded)).then_admitted(*flags)


def test_a_bypass_is_never_delayed_by_the_system() -> None:
    AT_TEAM_MANAGER.when(bypassed("SERVICE_MANAGER").at("2017-12-01")).then_admitted()


# ── The top, the cap, CAFCASS


def test_the_ladder_is_exhausted_when_the_chairs_window_expires() -> None:
    AT_CHAIR.when(exhausted().at("2017-10-09T22:59:59Z")).then_refused("ladder_not_exhausted")
    closing = AT_CHAIR.when(exhausted().at("2017-10-09T23:00:00Z")).record.event
    assert isinstance(closing, LadderExhausted)
    assert closing.due_on == date(2017, 10, 9)


def test_the_ladder_is_exhausted_when_the_chairs_answer_is_rejected() -> None:
    answered = AT_CHAIR.when(responded("chair", "LSCB_CHAIR")).then()
    answered.when(exhausted().at("2017-12-01")).then_refused("ladder_not_exhausted", "/data/alert_id")
    answered.when(rejected()).then().when(exhausted()).then_state(AlertState.EXHAUSTED)


@pytest.mark.parametrize("story", [AT_TEAM_MANAGER, REJECTED, AWAITING_IRO, ACCEPTED])
def test_the_ladder_is_not_exhausted_below_the_chair(story: Story) -> None:
    story.when(exhausted().at("2017-12-01")).then_refused("ladder_not_exhausted")


def test_the_ladder_is_exhausted_once_until_the_chair_answers() -> None:
    EXHAUSTED.when(exhausted().at("2017-12-01")).then_refused("ladder_not_exhausted")


@every_open_state
def test_the_cap_is_reached_at_the_end_of_the_twentieth_working_day_in_any_open_state(story: Story) -> None:
    story.when(cap_reached().at("2017-10-30T23:59:59Z")).then_refused("cap_not_reached", "/data/alert_id")
    reached = story.when(cap_reached().at("2017-10-31T00:00:00Z")).record.event
    assert isinstance(reached, StatutoryCapReached)
    assert reached.cap_on == date(2017, 10, 30)


@pytest.mark.parametrize("story", [*OPEN.values(), given(informal())])
def test_a_matter_is_referred_to_cafcass_at_any_stage(story: Story) -> None:
    referred = story.when(cafcass_referral()).then_admitted()
    assert referred.alert.state is story.alert.state
    assert referred.alert.cafcass_open


@every_closed_state
def test_a_matter_that_is_closed_is_not_referred_to_cafcass(story: Story) -> None:
    story.when(cafcass_referral()).then_refused("alert_not_open", "/data/alert_id")


def test_cafcass_answers_what_it_was_asked_even_after_the_alert_was_closed() -> None:
    AT_TEAM_MANAGER.when(cafcass_outcome()).then_refused("no_cafcass_referral", "/data/alert_id")
    referred = AT_TEAM_MANAGER.when(cafcass_referral()).then()
    answered = referred.when(cafcass_outcome()).then_admitted()
    answered.when(cafcass_outcome()).then_refused("no_cafcass_referral")
    assert not referred.when(resolved()).then().when(cafcass_outcome()).then_admitted().alert.cafcass_open
