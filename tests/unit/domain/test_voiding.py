"""Voiding: a fact recorded in error stays readable, and every fold skips it."""

from services.domain import case as cases
from services.domain.alert import AlertState
from services.domain.events.alert import Rung
from services.domain.state.status import CaseStatus
from tests.support.casework import (
    CASE,
    Story,
    accepted,
    bypassed,
    contact,
    escalated,
    given,
    informal,
    instant,
    kept,
    plan,
    raised,
    record_of,
    rejected,
    resolved,
    responded,
    strategy,
    told,
    voided,
)
from tests.support.casework import event as posted


def test_what_is_voided_counts_no_longer() -> None:
    story = given(contact(), strategy(), plan())
    assert story.when(voided("event-3")).then().case.status is CaseStatus.S47_ENQUIRY
    assert story.when(voided("event-2")).then().case.status is CaseStatus.CP_PLAN
    assert given(contact(), voided("event-1")).case.status is CaseStatus.UNKNOWN


def test_what_is_voided_stays_readable() -> None:
    story = given(contact(), voided("event-1"))
    assert list(cases.walk(story.case.last)) == list(reversed(story.records))
    assert story.case.voided == {1}
    assert story.case.version == 2


def test_of_two_that_say_the_same_the_other_one_stays() -> None:
    story = given(plan("CIN"), plan("CIN"), voided("event-1"))
    assert story.case.status is CaseStatus.CIN_PLAN


def test_what_was_voided_may_be_recorded_otherwise() -> None:
    story = given(plan("CIN"), voided("event-1")).when(plan("CP")).then()
    assert story.case.status is CaseStatus.CP_PLAN


def test_what_another_source_records_later_under_the_same_id_is_not_voided_with_it() -> None:
    story = given(contact(), plan(), voided("event-2"))
    assert story.case.status is CaseStatus.CONTACT_ONLY
    story = story.when(plan().saying(id="event-2", source="/elsewhere")).then()
    assert story.case.status is CaseStatus.CP_PLAN
    assert story.when(contact("contact-2")).then().case.status is CaseStatus.CP_PLAN


def test_an_answer_that_is_voided_opens_the_window_again() -> None:
    story = given(raised(), responded(), voided("event-2"))
    assert story.alert == given(raised()).alert
    assert story.when(responded()).then_admitted().alert.state is AlertState.AWAITING_IRO


def test_an_answer_that_is_voided_after_its_window_lets_the_ladder_climb_at_once() -> None:
    answered = given(raised(), responded())
    story = kept(answered.when(voided("event-2").at("2017-10-17")).then())
    assert story.alert.state is AlertState.AT_SERVICE_MANAGER
    climbs = [record for record in story.records if record.event.TYPE == "EscalatedToServiceManager"]
    assert [record.flags for record in climbs] == [("delayed_by_system",)]


def test_a_decision_that_is_voided_is_to_be_made_again() -> None:
    for decision in (accepted(), rejected()):
        story = given(raised(), responded(), decision, voided("event-3"))
        assert story.alert == given(raised(), responded()).alert
        story.when(accepted()).then_state(AlertState.ACCEPTED)


def test_a_rejection_that_is_voided_after_the_climb_does_not_bring_the_alert_down() -> None:
    climb = escalated("SERVICE_MANAGER", "RESPONSE_REJECTED")
    story = given(raised(), responded(), rejected(), climb)
    for target in ("event-2", "event-3"):
        after = story.when(voided(target)).then()
        assert after.alert == story.alert


def test_a_resolution_that_is_voided_reopens_the_alert_where_it_was() -> None:
    story = given(raised(), bypassed("HEAD_OF_SERVICE"), resolved(), voided("event-3"))
    assert story.alert == given(raised(), bypassed("HEAD_OF_SERVICE")).alert
    assert kept(_later(story, "2017-12-01")).alert.rung is Rung.DIRECTOR_OF_CHILDRENS_SERVICES


def test_an_alert_that_is_voided_is_gone_with_all_that_came_of_it() -> None:
    story = given(raised(), bypassed("HEAD_OF_SERVICE"), told(), responded("x", "HEAD_OF_SERVICE"))
    assert story.when(voided("event-1")).then().case.alerts == {}


def test_an_alert_that_is_voided_leaves_the_attempt_to_settle_the_matter() -> None:
    story = given(informal(), raised(), bypassed("HEAD_OF_SERVICE"), voided("event-2"))
    assert story.alert == given(informal()).alert


def test_an_alert_that_is_voided_is_repeated_by_none() -> None:
    given(raised(), voided("event-1")).when(raised("alert-2")).then_admitted()
    repeat = given(raised(), raised("alert-2"), voided("event-1"))
    assert repeat.case.alerts["alert-2"].repeat_of == "alert-1"  # as it was recorded


def test_the_attempt_to_settle_a_matter_may_be_voided_after_the_alert_was_raised() -> None:
    assert given(informal(), raised(), voided("event-1")).alert == given(raised()).alert


def test_a_voiding_that_names_nothing_known_changes_nothing() -> None:
    story = given(contact())
    stray = record_of("EventVoided", {"target_event_id": "event-9"}, number=2, at=story.now)
    case = cases.fold(story.case, stray)
    assert case.status is CaseStatus.CONTACT_ONLY
    assert case.version == 2
    assert case == cases.refold(CASE, [*story.records, stray])


def test_a_history_without_the_voiding_tells_it_as_it_was_known() -> None:
    story = given(contact(), plan(), voided("event-2"))
    assert cases.refold(CASE, story.records[:2]).status is CaseStatus.CP_PLAN
    assert cases.refold(CASE, story.records).status is CaseStatus.CONTACT_ONLY


def test_good_practice_and_whatever_else_is_not_folded_may_be_voided() -> None:
    story = given(posted("GoodPracticeRecorded"), contact())
    assert story.when(voided("event-1")).then().case.facts == given(contact().saying(id="event-2")).case.facts


def _later(story: Story, day: str) -> Story:
    return story.when(contact().at(f"{day}T12:00:00Z")).then() if instant(day) > story.now else story
