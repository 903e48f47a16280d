"""Practice alerts: who may do what, when. The ladder never goes down, and nobody answers for another."""

import pytest

from services.domain.alert import AlertState
from services.domain.events.alert import (
    PracticeAlertResolved,
    Rung,
)
from tests.support.alerts import (
    ACCEPTED,
    AT_CHAIR,
    AT_TEAM_MANAGER,
    AWAITING_IRO,
    CLOSED,
    EVERYTHING,
    EXHAUSTED,
    OPEN,
    REJECTED,
    STEPS,
    STEPS_THAT_MOVE,
    every_closed_state,
    every_open_state,
)
from tests.support.casework import (
    ALERT,
    IRIS,
    SAM,
    TOM,
    Post,
    Story,
    accepted,
    acknowledged,
    bypassed,
    cap_reached,
    contact,
    escalated,
    event,
    exhausted,
    given,
    informal,
    not_told,
    nothing,
    raised,
    rejected,
    resolved,
    responded,
    told,
    voided,
    withdrawn,
)

# ── Any step


@pytest.mark.parametrize("post", EVERYTHING, ids=lambda post: post.type)
def test_nothing_is_recorded_of_an_alert_that_is_not_known(post: Post) -> None:
    nothing().when(post).then_refused("no_such_alert", "/data/alert_id")
    given(raised("another")).when(post).then_refused("no_such_alert")


@pytest.mark.parametrize("post", STEPS, ids=lambda post: post.type)
def test_an_alert_that_was_not_raised_takes_no_step(post: Post) -> None:
    given(informal()).when(post).then_refused("alert_not_open", "/data/alert_id")


@pytest.mark.parametrize("post", STEPS_THAT_MOVE, ids=lambda post: post.type)
@every_closed_state
def test_an_alert_that_was_closed_goes_no_further(story: Story, post: Post) -> None:
    story.when(post).then_refused("alert_not_open", "/data/alert_id")


@every_closed_state
def test_what_a_rung_said_may_be_typed_in_after_the_closing_and_changes_nothing(story: Story) -> None:
    state = story.alert.state
    for post in (responded(), acknowledged()):
        story.when(post).then_admitted("after_closing")
        story.when(post).then_state(state)


@every_open_state
def test_acknowledging_resolving_and_withdrawing_are_possible_while_an_alert_is_open(story: Story) -> None:
    story.when(acknowledged()).then_admitted()
    story.when(resolved()).then_state(AlertState.RESOLVED)
    story.when(withdrawn()).then_state(AlertState.WITHDRAWN)


@pytest.mark.parametrize("story", (OPEN | CLOSED).values(), ids=OPEN | CLOSED)
def test_what_was_told_is_recorded_in_any_state(story: Story) -> None:
    story.when(told()).then_admitted()
    story.when(not_told()).then_admitted()


@pytest.mark.parametrize("story", (OPEN | CLOSED).values(), ids=OPEN | CLOSED)
def test_an_attempt_to_settle_a_matter_may_be_typed_in_after_the_alert(story: Story) -> None:
    story.when(informal()).then_admitted("after_raising")


def test_several_attempts_to_settle_a_matter_are_recorded() -> None:
    given(informal()).when(informal()).then_admitted()


def test_a_resolution_names_the_rung_at_which_it_came() -> None:
    closing = given(raised(), bypassed("HEAD_OF_SERVICE")).when(resolved()).record.event
    assert isinstance(closing, PracticeAlertResolved)
    assert closing.at_rung is Rung.HEAD_OF_SERVICE
    closing = AT_TEAM_MANAGER.when(resolved(at_rung="LSCB_CHAIR")).record.event
    assert isinstance(closing, PracticeAlertResolved)
    assert closing.at_rung is Rung.LSCB_CHAIR


def test_only_the_raiser_withdraws() -> None:
    AT_TEAM_MANAGER.when(withdrawn(by=TOM)).then_refused("only_the_raiser_withdraws", "/data/by")
    AT_TEAM_MANAGER.when(withdrawn(by=None)).then_refused("only_the_raiser_withdraws")
    AT_TEAM_MANAGER.when(withdrawn(by=None).saying(actor=TOM)).then_refused("only_the_raiser_withdraws")
    AT_TEAM_MANAGER.when(withdrawn(by=None).saying(actor=IRIS)).then_admitted()
    AT_TEAM_MANAGER.when(withdrawn(by=IRIS).saying(actor=TOM)).then_refused(
        "only_the_raiser_withdraws", "/actor"
    )


def test_the_actor_raised_an_alert_that_names_no_raiser() -> None:
    anonymous = event("PracticeAlertRaised", alert_id=ALERT, issue_code="HEALTH")
    story = given(anonymous.saying(actor=IRIS))
    story.when(withdrawn(by=TOM)).then_refused("only_the_raiser_withdraws")
    story.when(withdrawn(by=IRIS)).then_admitted()
    given(anonymous).when(withdrawn(by=TOM)).then_admitted()


# ── Answers


def test_a_rung_that_was_asked_answers() -> None:
    AT_TEAM_MANAGER.when(responded()).then_admitted()
    AT_CHAIR.when(responded(by="chair", rung="LSCB_CHAIR")).then_admitted()
    EXHAUSTED.when(responded(by="chair", rung="LSCB_CHAIR")).then_admitted("out_of_time")


@pytest.mark.parametrize("rung", list(Rung)[1:])
def test_a_rung_that_was_not_reached_does_not_answer(rung: Rung) -> None:
    AT_TEAM_MANAGER.when(responded(SAM, rung)).then_refused("rung_not_reached", "/data/rung")


@pytest.mark.parametrize("rung", list(Rung)[:-1])
@pytest.mark.parametrize("story", [AT_CHAIR, EXHAUSTED])
def test_an_answer_from_a_rung_that_was_passed_is_kept_and_stops_nothing(story: Story, rung: Rung) -> None:
    before = story.alert.state
    assert story.when(responded(SAM, rung)).then_admitted("rung_passed").alert.state is before


@pytest.mark.parametrize("story", [AWAITING_IRO, ACCEPTED, REJECTED])
def test_an_answer_while_none_is_due_is_kept_and_changes_nothing(story: Story) -> None:
    after = story.when(responded(by="somebody:else")).then_admitted("no_answer_due")
    assert after.alert == story.alert


def test_an_answer_is_in_time_through_the_last_second_of_the_due_date() -> None:
    answer = AT_TEAM_MANAGER.when(responded().at("2017-10-09T22:59:59Z"))
    answer.then_admitted()
    answer.then_state(AlertState.AWAITING_IRO)


def test_an_answer_that_comes_before_the_escalation_but_after_midnight_counts_and_is_out_of_time() -> None:
    answer = AT_TEAM_MANAGER.when(responded().at("2017-10-09T23:00:00Z"))
    answer.then_admitted("out_of_time")
    answer.then_state(AlertState.AWAITING_IRO)


def test_an_answer_given_in_time_and_recorded_after_midnight_is_in_time() -> None:
    answer = responded().saying(time="2017-10-09T22:59:59Z").at("2017-10-09T23:00:02Z")
    AT_TEAM_MANAGER.when(answer).then_admitted()


def test_an_answer_given_in_time_but_recorded_after_the_escalation_comes_from_a_rung_that_was_passed() -> (
    None
):
    climbed = AT_TEAM_MANAGER.when(escalated().at("2017-10-09T23:00:00Z")).then()
    answer = responded().saying(time="2017-10-09T22:59:59Z").at("2017-10-09T23:00:02Z")
    climbed.when(answer).then_admitted("rung_passed")


# ── Decisions


def test_the_reviewer_accepts_or_rejects_an_answer() -> None:
    AWAITING_IRO.when(accepted()).then_state(AlertState.ACCEPTED)
    AWAITING_IRO.when(rejected()).then_state(AlertState.REJECTED)


def test_the_responder_may_not_accept_their_own_response() -> None:
    given(raised(), responded(by=TOM)).when(accepted(by=TOM)).then_refused(
        "responder_may_not_accept", "/data/by"
    )


def test_the_responder_may_not_reject_their_own_response() -> None:
    given(raised(), responded(by=TOM)).when(rejected(by=TOM)).then_refused(
        "responder_may_not_reject", "/data/by"
    )


def test_the_responder_may_not_decide_in_anothers_name() -> None:
    AWAITING_IRO.when(accepted(by=IRIS).saying(actor=TOM)).then_refused("responder_may_not_accept", "/actor")
    AWAITING_IRO.when(accepted(by=IRIS).saying(actor=IRIS)).then_admitted()


def test_who_wrote_the_response_in_anothers_name_may_not_decide_on_it_in_a_third_ones() -> None:
    written = given(raised(), responded(by=SAM).saying(actor=TOM))
    written.when(accepted(by=IRIS).saying(actor=TOM)).then_refused("responder_may_not_accept", "/actor")
    written.when(rejected(by=TOM)).then_refused("responder_may_not_reject", "/data/by")
    written.when(accepted(by=IRIS).saying(actor=IRIS)).then_admitted()


@pytest.mark.parametrize("post", [accepted(), rejected()])
@pytest.mark.parametrize("story", [AT_TEAM_MANAGER, ACCEPTED, REJECTED, AT_CHAIR, EXHAUSTED])
def test_there_is_nothing_to_decide_on_without_an_answer(story: Story, post: Post) -> None:
    story.when(post).then_refused("no_response_to_decide_on", "/data/alert_id")


# ── Voiding


@pytest.mark.parametrize(
    ("story", "step"),
    [
        (AT_TEAM_MANAGER, bypassed("HEAD_OF_SERVICE")),
        (AT_TEAM_MANAGER, cap_reached().at("2017-11-01")),
        (AT_CHAIR, exhausted().at("2017-10-10")),
        (AT_TEAM_MANAGER, told()),
        (AT_TEAM_MANAGER, not_told()),
    ],
)
def test_a_step_of_the_ladder_stands(story: Story, step: Post) -> None:
    after = story.when(step).then()
    after.when(voided(after.records[-1].id)).then_refused("ladder_never_goes_down", "/data/target_event_id")


def test_an_alert_that_was_voided_is_raised_anew_under_an_id_of_its_own() -> None:
    for story in (given(raised(), voided("event-1")), given(raised(), voided("event-1"), informal())):
        story.when(raised()).then_refused("alert_was_voided", "/data/alert_id")
        story.when(raised("alert-2")).then_admitted()


def test_what_people_said_of_an_alert_may_have_been_recorded_in_error() -> None:
    story = given(raised(), responded(), rejected(), contact())
    for record in story.records:
        story.when(voided(record.id)).then_admitted()
