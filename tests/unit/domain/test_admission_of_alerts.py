"""Practice alerts: who may do what, when. The ladder never goes down, and nobody answers for another."""

from datetime import date

import pytest

from services.domain.alert import AlertState
from services.domain.events.alert import (
    Escalation,
    LadderExhausted,
    PracticeAlertRaised,
    PracticeAlertResolved,
    Rung,
    StatutoryCapReached,
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
    cafcass_outcome,
    cafcass_referral,
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

STEPS = [
    acknowledged(),
    responded(),
    accepted(),
    rejected(),
    escalated(),
    exhausted(),
    cap_reached(),
    resolved(),
    withdrawn(),
]
STEPS_THAT_MOVE = STEPS[2:]
EVERYTHING = [*STEPS, cafcass_referral(), cafcass_outcome(), told(), not_told()]

AT_TEAM_MANAGER = given(raised())
AWAITING_IRO = given(raised(), responded())
REJECTED = given(raised(), responded(), rejected())
ACCEPTED = given(raised(), responded(), accepted())
AT_CHAIR = given(raised(), bypassed("LSCB_CHAIR"))
EXHAUSTED = AT_CHAIR.when(exhausted().at("2017-10-10")).then()
RESOLVED = given(raised(), resolved())
WITHDRAWN = given(raised(), withdrawn())
OPEN = {
    "at the Team Manager": AT_TEAM_MANAGER,
    "awaiting the IRO": AWAITING_IRO,
    "rejected": REJECTED,
    "accepted": ACCEPTED,
    "at the Chair": AT_CHAIR,
    "exhausted": EXHAUSTED,
}
CLOSED = {"resolved": RESOLVED, "withdrawn": WITHDRAWN}

every_open_state = pytest.mark.parametrize("story", OPEN.values(), ids=OPEN)
every_closed_state = pytest.mark.parametrize("story", CLOSED.values(), ids=CLOSED)


def escalation(story: Story) -> Escalation:
    event = story.records[-1].event
    assert isinstance(event, Escalation)
    return event


def raising(story: Story) -> PracticeAlertRaised:
    event = story.records[-1].event
    assert isinstance(event, PracticeAlertRaised)
    return event


# ── Raising


def test_an_alert_is_raised_in_a_case_of_which_nothing_else_is_known() -> None:
    nothing().when(raised()).then_admitted()


def test_an_alert_is_raised_after_an_attempt_to_settle_it() -> None:
    given(informal()).when(raised()).then_admitted()


@pytest.mark.parametrize("story", (OPEN | CLOSED).values(), ids=OPEN | CLOSED)
def test_an_alert_is_raised_once(story: Story) -> None:
    story.when(raised()).then_refused("already_raised", "/data/alert_id")


def test_the_ledger_sets_the_dates_of_a_raised_alert() -> None:
    alert = raising(nothing().when(raised()).then())
    assert (alert.day0, alert.due_on, alert.cap_on) == (
        date(2017, 10, 2),
        date(2017, 10, 9),
        date(2017, 10, 30),
    )
    assert alert.calendar_version
    assert alert.repeat_of is None


def test_a_backdated_alert_counts_from_the_day_it_was_recorded_and_is_flagged() -> None:
    backdated = raised().saying(time="2017-09-11T09:00:00Z")
    story = nothing().when(backdated).then_admitted("late_entry")
    assert raising(story).day0 == date(2017, 10, 2)


def test_an_alert_recorded_late_in_the_evening_counts_from_the_london_date() -> None:
    alert = raising(nothing().when(raised().at("2018-06-14T23:30:00Z")).then())
    assert (alert.day0, alert.due_on) == (date(2018, 6, 15), date(2018, 6, 22))


def test_dates_that_a_client_gives_are_kept_and_flagged_where_they_differ() -> None:
    on_paper = raised(day0="2017-09-01", due_on="2017-09-08", cap_on="2017-09-29", calendar_version="wall")
    alert = raising(nothing().when(on_paper).then_admitted("dates_differ"))
    assert (alert.day0, alert.due_on, alert.calendar_version) == (date(2017, 9, 1), date(2017, 9, 8), "wall")
    nothing().when(raised(day0="2017-10-02", due_on="2017-10-09")).then_admitted()


@pytest.mark.parametrize("field", ["due_on", "cap_on"])
def test_a_window_ends_after_it_begins(field: str) -> None:
    wrong = raised(day0="2017-10-02", **{field: "2017-10-01"})
    nothing().when(wrong).then_refused("ends_before_it_begins", f"/data/{field}")
    nothing().when(raised(**{field: "2017-10-01"})).then_refused("ends_before_it_begins")


@pytest.mark.parametrize(
    "dates",
    [
        {"day0": "1900-01-01"},
        {"day0": "2028-12-29"},
        {"due_on": "9999-12-31"},
        {"cap_on": "9999-12-31"},
        {"cap_on": "2029-01-01"},
    ],
)
def test_nothing_is_counted_beyond_the_calendar(dates: dict[str, str]) -> None:
    nothing().when(raised(**dates)).then_refused("beyond_the_calendar", "/data")


@pytest.mark.parametrize("recorded", ["2028-12-15", "2040-01-02", "2011-12-31"])
def test_an_alert_cannot_be_raised_where_the_calendar_does_not_reach(recorded: str) -> None:
    nothing().when(raised().at(recorded)).then_refused("beyond_the_calendar")


# ── Repeats


@pytest.mark.parametrize("recorded", ["2017-10-02", "2018-10-01", "2018-10-02T22:59:59Z"])
def test_the_same_issue_within_twelve_months_is_a_repeat(recorded: str) -> None:
    story = AT_TEAM_MANAGER.when(raised("alert-2").at(recorded)).then_admitted("repeat")
    assert raising(story).repeat_of == ALERT


def test_the_same_issue_after_twelve_months_is_no_repeat() -> None:
    story = AT_TEAM_MANAGER.when(raised("alert-2").at("2018-10-02T23:00:00Z")).then_admitted()
    assert raising(story).repeat_of is None


def test_twelve_months_before_a_leap_day_end_on_the_last_of_february() -> None:
    story = given(raised().at("2019-02-28"))
    story.when(raised("alert-2").at("2020-02-29")).then_admitted("repeat")


def test_another_issue_is_no_repeat() -> None:
    AT_TEAM_MANAGER.when(raised("alert-2", "LATE_REPORT")).then_admitted()


@every_closed_state
def test_an_alert_that_was_closed_is_repeated_all_the_same(story: Story) -> None:
    story.when(raised("alert-2")).then_admitted("repeat")


def test_an_attempt_to_settle_a_matter_is_not_repeated() -> None:
    given(informal()).when(raised("alert-2")).then_admitted()


def test_a_repeat_names_the_alert_that_came_last() -> None:
    story = given(raised(), raised("alert-2").at("2018-01-08"))
    assert raising(story.when(raised("alert-3").at("2018-12-03")).then()).repeat_of == "alert-2"


def test_a_repeat_is_counted_from_the_day_of_recording_not_of_happening() -> None:
    backdated = raised("alert-2").saying(time="2018-10-01T09:00:00Z").at("2018-10-03T09:00:00Z")
    AT_TEAM_MANAGER.when(backdated).then_admitted("late_entry")


def test_a_client_may_name_the_alert_that_is_repeated_but_not_the_alert_itself() -> None:
    nothing().when(raised(repeat_of="alert-of-2015")).then_admitted("repeat")
    nothing().when(raised(repeat_of=ALERT)).then_refused("repeats_itself", "/data/repeat_of")


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


def test_a_client_that_gives_day_0_alone_gets_the_other_dates_counted_from_it() -> None:
    alert = raising(nothing().when(raised(day0="2017-09-25")).then())
    assert (alert.due_on, alert.cap_on) == (date(2017, 10, 2), date(2017, 10, 23))
    climbed = escalation(
        AT_TEAM_MANAGER.when(escalated("HEAD_OF_SERVICE", "IRO_BYPASS", day0="2017-10-03")).then()
    )
    assert climbed.due_on == date(2017, 10, 10)
