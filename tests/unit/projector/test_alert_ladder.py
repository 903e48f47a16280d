"""The alerts view: what became of each alert, step by step."""

from services.projector.views import alerts
from services.projector.views.alerts import AlertRow
from tests.support.casework import (
    ALERT,
    HANA,
    IRIS,
    TOM,
    Outcome,
    Story,
    accepted,
    bypassed,
    cafcass_referral,
    cap_reached,
    escalated,
    event,
    given,
    informal,
    not_told,
    raised,
    rejected,
    resolved,
    responded,
    told,
    voided,
)


def rows_of(story: Story | Outcome) -> list[AlertRow]:
    return alerts.view(story.records if isinstance(story, Story) else story.then().records)


def row_of(story: Story | Outcome) -> AlertRow:
    (row,) = rows_of(story)
    return row


def test_raising_opens_the_first_step() -> None:
    row = row_of(given(raised()))
    (step,) = row.steps
    assert (row.state, row.open, row.raised_by) == ("AT_TEAM_MANAGER", True, IRIS)
    assert (step.rung, str(step.day0), str(step.due_on)) == ("TEAM_MANAGER", "2017-10-02", "2017-10-09")
    assert step.trigger is None


def test_every_rung_that_was_climbed_to_is_a_step_with_its_trigger() -> None:
    story = given(
        raised(),
        escalated("SERVICE_MANAGER").at("2017-10-10"),
        escalated("HEAD_OF_SERVICE").at("2017-10-17"),
    )
    assert [(step.rung, step.trigger, str(step.due_on)) for step in row_of(story).steps] == [
        ("TEAM_MANAGER", None, "2017-10-09"),
        ("SERVICE_MANAGER", "WINDOW_EXPIRED", "2017-10-16"),
        ("HEAD_OF_SERVICE", "WINDOW_EXPIRED", "2017-10-23"),
    ]


def test_a_bypass_names_the_rungs_that_it_went_past() -> None:
    step = row_of(given(raised(), bypassed("HEAD_OF_SERVICE"))).steps[-1]
    assert (step.trigger, step.skipped_rungs) == ("IRO_BYPASS", ["SERVICE_MANAGER"])


def test_a_delayed_escalation_keeps_its_flag() -> None:
    step = row_of(given(raised(), escalated().at("2017-10-17"))).steps[-1]
    assert step.flags == ["delayed_by_system"]


def test_an_answer_and_its_rejection_stay_with_the_rung_that_gave_it() -> None:
    row = row_of(given(raised(), responded(), rejected(), escalated(trigger="RESPONSE_REJECTED")))
    first, second = row.steps
    assert (first.answered_by, first.decision) == (TOM, "REJECTED")
    assert first.answered_at is not None
    assert (second.answered_at, second.decision) == (None, None)


def test_an_accepted_answer_is_decided_on_its_step() -> None:
    row = row_of(given(raised(), responded(), accepted()))
    assert row.state == "ACCEPTED"
    assert row.steps[0].decision == "ACCEPTED"


def test_who_was_told_and_who_could_not_be_stands_with_the_step_of_that_rung() -> None:
    story = given(
        raised(),
        not_told("m-1"),
        bypassed("HEAD_OF_SERVICE"),
        told("m-1", rung="TEAM_MANAGER", holder=TOM, channel="EMAIL", attempt=2),
        told("m-2", rung="HEAD_OF_SERVICE", holder=HANA, channel="EMAIL"),
    )
    first, second = row_of(story).steps
    assert [(each.holder, each.sent, each.attempt) for each in first.told] == [
        (None, False, 1),
        (TOM, True, 2),
    ]
    assert [each.holder for each in second.told] == [HANA]


def test_a_resolved_alert_says_how_and_at_which_rung() -> None:
    row = row_of(given(raised(), resolved(resolution="ACTION_TAKEN", resolved_on="2017-10-02")))
    assert (row.state, row.open, row.resolution) == ("RESOLVED", False, "ACTION_TAKEN")
    assert (str(row.resolved_on), row.resolved_at_rung) == ("2017-10-02", "TEAM_MANAGER")
    assert row.closed_at is not None


def test_a_repeat_and_what_it_repeats_name_each_other() -> None:
    first, second = rows_of(given(raised(), resolved(), raised("alert-2").at("2018-01-08")))
    assert (first.repeats, second.repeat_of) == (["alert-2"], ALERT)


def test_the_cap_and_a_referral_are_marks_that_stop_nothing() -> None:
    row = row_of(given(raised(), cafcass_referral(), cap_reached().at("2017-10-31")))
    assert (row.cap_reached, row.cafcass_open, row.state) == (True, True, "AT_TEAM_MANAGER")


def test_an_informal_attempt_has_no_step_until_the_alert_is_raised() -> None:
    assert row_of(given(informal())).steps == []
    assert [step.rung for step in row_of(given(informal(), raised())).steps] == ["TEAM_MANAGER"]


def test_an_alert_that_was_raised_in_error_is_not_shown() -> None:
    story = given(raised(), event("ContactReceived", contact_id="c"))
    assert rows_of(story.when(voided("event-1"))) == []
