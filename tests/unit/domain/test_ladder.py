"""The ladder: its windows, what falls due when, and the ids that make doing it twice harmless."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from services.domain import ladder
from services.domain.calendar import BeyondCalendar
from services.domain.events.alert import (
    Escalation,
    NotificationKind,
    NotificationSent,
    PracticeAlertRaised,
    Rung,
    Trigger,
)
from services.domain.ladder import Action, Agenda, Climb, Exhaust, ReachCap, Tell
from tests.support.casework import (
    KNOWN,
    Story,
    accepted,
    bypassed,
    cap_reached,
    escalated,
    exhausted,
    given,
    informal,
    instant,
    left_alone,
    raised,
    rejected,
    resolved,
    responded,
    told,
    voided,
    withdrawn,
)

AT_TEAM_MANAGER = given(raised())
AT_CHAIR = given(raised(), bypassed("LSCB_CHAIR"))
REJECTED = given(raised(), responded(), rejected())
ACCEPTED = given(raised(), responded(), accepted())


def agenda(story: Story, moment: str) -> Agenda:
    return ladder.agenda(story.alert, instant(moment), KNOWN)


def due(story: Story, moment: str) -> list[str]:
    return [say(action) for action in agenda(story, moment).due]


def say(action: Action) -> str:
    match action:
        case Climb(to=to, trigger=trigger):
            return f"climb to {to} ({trigger})"
        case Exhaust():
            return "exhaust"
        case ReachCap():
            return "reach the cap"
        case Tell(kind=kind, audience=audience, rung=rung, occasion=occasion):
            return f"tell {audience} of {rung}: {kind} {occasion}"


def next_at(story: Story, moment: str) -> str:
    found = agenda(story, moment).next_at
    return found.strftime("%Y-%m-%dT%H:%M:%SZ") if found else "never"


# ── Rungs


def test_there_are_five_rungs_and_each_but_the_first_is_climbed_to_by_an_event_of_its_own() -> None:
    assert [ladder.above(rung) for rung in ladder.RUNGS] == [*ladder.RUNGS[1:], None]
    assert list(ladder.ESCALATIONS) == list(ladder.RUNGS[1:])


def test_between_two_rungs_are_those_strictly_between() -> None:
    assert ladder.between(Rung.TEAM_MANAGER, Rung.SERVICE_MANAGER) == ()
    assert ladder.between(Rung.TEAM_MANAGER, Rung.LSCB_CHAIR) == tuple(ladder.RUNGS[1:4])
    assert ladder.between(Rung.LSCB_CHAIR, Rung.TEAM_MANAGER) == ()


def test_a_rung_is_not_above_itself() -> None:
    assert ladder.is_above(Rung.LSCB_CHAIR, Rung.TEAM_MANAGER)
    assert not ladder.is_above(Rung.TEAM_MANAGER, Rung.LSCB_CHAIR)
    assert not ladder.is_above(Rung.TEAM_MANAGER, Rung.TEAM_MANAGER)


# ── Windows


def test_four_rungs_take_exactly_the_statutory_twenty_working_days() -> None:
    window = ladder.open_window(date(2017, 10, 2), KNOWN)
    dues = [window.due_on]
    for _ in ladder.RUNGS[1:]:
        today = ladder.expiry(dues[-1]).date()
        dues.append(ladder.next_window(dues[-1], Trigger.WINDOW_EXPIRED, today, KNOWN).due_on)
    assert [str(day) for day in dues] == [
        "2017-10-09",
        "2017-10-16",
        "2017-10-23",
        "2017-10-30",
        "2017-11-06",
    ]
    assert ladder.cap_date(date(2017, 10, 2), KNOWN) == dues[3]


@pytest.mark.parametrize(
    ("last_day", "over"),
    [
        ("2017-10-09", "2017-10-09T23:00:00Z"),
        ("2017-10-30", "2017-10-31T00:00:00Z"),
        ("2018-03-24", "2018-03-25T00:00:00Z"),
        ("2018-03-25", "2018-03-25T23:00:00Z"),
        ("2018-10-27", "2018-10-27T23:00:00Z"),
        ("2018-10-28", "2018-10-29T00:00:00Z"),
    ],
)
def test_a_time_is_over_at_the_next_midnight_in_london(last_day: str, over: str) -> None:
    assert ladder.expiry(date.fromisoformat(last_day)) == instant(over)


@pytest.mark.parametrize("trigger", [Trigger.RESPONSE_REJECTED, Trigger.IRO_BYPASS])
def test_a_climb_that_is_no_expiry_counts_from_its_own_day_and_is_never_delayed(trigger: Trigger) -> None:
    window = ladder.next_window(date(2017, 10, 9), trigger, date(2017, 11, 1), KNOWN)
    assert (window.day0, window.delayed) == (date(2017, 11, 1), False)


# ── Ids


def test_derived_ids_are_the_same_for_everybody_and_for_ever() -> None:
    alert = AT_TEAM_MANAGER.alert
    (climb,) = [each for each in agenda(AT_TEAM_MANAGER, "2017-10-10").due if isinstance(each, Climb)]
    assert climb.event_id == ladder.event_id(alert, "SERVICE_MANAGER", "WINDOW_EXPIRED")
    assert climb.event_id == "e8b1d345-db5e-5483-9c92-46bbc3550ea1"
    assert ladder.event_id(alert, "CAP") == "7cd783fc-3d60-53c2-9126-4af24cc9fc2d"


def test_derived_ids_tell_apart_alerts_of_the_same_id_in_two_cases() -> None:
    alert = AT_TEAM_MANAGER.alert
    elsewhere = replace(alert, case_id="case-2")
    rung_told = Tell(kind=NotificationKind.RUNG_TOLD, audience="RUNG", rung=ladder.TOP, occasion="2017-10-02")
    assert ladder.event_id(alert, "CAP") != ladder.event_id(elsewhere, "CAP")
    assert ladder.notification_id(alert, rung_told, "a") != ladder.notification_id(elsewhere, rung_told, "a")


def test_derived_ids_tell_apart_alerts_rungs_triggers_and_holders() -> None:
    alert = AT_TEAM_MANAGER.alert
    tell = Tell(kind=NotificationKind.CAP, audience="RUNG", rung=Rung.TEAM_MANAGER, occasion="cap")
    tells = [
        tell,
        replace(tell, kind=NotificationKind.REMINDER),
        replace(tell, audience="RAISER"),
        replace(tell, rung=Rung.LSCB_CHAIR),
        replace(tell, occasion="2017-10-05"),
    ]
    ids = {ladder.notification_id(alert, each, holder) for each in tells for holder in ("a", "b")}
    ids |= {ladder.event_id(replace(alert, alert_id=each), "CAP") for each in ("a", "b")}
    ids |= {ladder.event_id(alert, rung, trigger) for rung in ladder.RUNGS for trigger in Trigger}
    assert len(ids) == 10 + 2 + 15


def test_the_chairs_second_rejection_exhausts_the_ladder_anew() -> None:
    answer = responded("chair", "LSCB_CHAIR")
    once = AT_CHAIR.when(answer).then().when(rejected()).then()
    first = agenda(once, "2017-10-03").due
    again = once.when(exhausted()).then().when(answer).then().when(rejected().at("2017-10-04")).then()
    second = agenda(again, "2017-10-04").due
    assert [say(each) for each in first] == [say(each) for each in second] == ["exhaust"]
    assert first != second


# ── What falls due at a rung

TOLD = "tell RUNG of TEAM_MANAGER: RUNG_TOLD 2017-10-02"
THIRD_DAY = "tell RUNG of TEAM_MANAGER: REMINDER 2017-10-05"
LAST_DAY = "tell RUNG of TEAM_MANAGER: REMINDER 2017-10-09"
CLIMB = "climb to SERVICE_MANAGER (WINDOW_EXPIRED)"


@pytest.mark.parametrize(
    ("moment", "expected", "next_moment"),
    [
        pytest.param("2017-10-02T09:00:00Z", [TOLD], "2017-10-05T08:00:00Z", id="at once"),
        pytest.param("2017-10-05T07:59:59Z", [TOLD], "2017-10-05T08:00:00Z", id="before the third morning"),
        pytest.param("2017-10-05T08:00:00Z", [TOLD, THIRD_DAY], "2017-10-09T08:00:00Z", id="third morning"),
        pytest.param("2017-10-09T07:59:59Z", [TOLD, THIRD_DAY], "2017-10-09T08:00:00Z", id="a second before"),
        pytest.param("2017-10-09T08:00:00Z", [TOLD, LAST_DAY], "2017-10-09T23:00:00Z", id="the last morning"),
        pytest.param("2017-10-09T22:59:59Z", [TOLD, LAST_DAY], "2017-10-09T23:00:00Z", id="the last second"),
        pytest.param("2017-10-09T23:00:00Z", [TOLD, CLIMB], "2017-10-31T00:00:00Z", id="midnight in London"),
        pytest.param("2017-12-01T09:00:00Z", [TOLD, CLIMB, "reach the cap"], "never", id="long downtime"),
    ],
)
def test_what_falls_due_at_the_first_rung(moment: str, expected: list[str], next_moment: str) -> None:
    assert due(AT_TEAM_MANAGER, moment) == expected
    assert next_at(AT_TEAM_MANAGER, moment) == next_moment


def test_reminders_go_out_at_nine_in_the_morning_in_london_whatever_the_clocks_do() -> None:
    story = given(raised().at("2018-03-23"))
    assert next_at(story, "2018-03-23T13:00:00Z") == "2018-03-28T08:00:00Z"
    story = given(raised().at("2018-10-26"))
    assert next_at(story, "2018-10-26T13:00:00Z") == "2018-10-31T09:00:00Z"


def test_the_cap_is_reached_before_the_climb_of_the_same_midnight() -> None:
    story = given(
        raised(),
        escalated("SERVICE_MANAGER").at("2017-10-10T00:00:00Z"),
        escalated("HEAD_OF_SERVICE").at("2017-10-17T00:00:00Z"),
        escalated("DIRECTOR_OF_CHILDRENS_SERVICES").at("2017-10-24T00:00:00Z"),
    )
    assert due(story, "2017-10-31T00:00:00Z") == [
        "tell RUNG of DIRECTOR_OF_CHILDRENS_SERVICES: RUNG_TOLD 2017-10-23",
        "reach the cap",
        "climb to LSCB_CHAIR (WINDOW_EXPIRED)",
    ]
    climbed = story.when(cap_reached().at("2017-10-31T00:00:00Z")).then().when(escalated("LSCB_CHAIR")).then()
    assert due(climbed, "2017-10-31T00:00:00Z") == [
        "tell RUNG of DIRECTOR_OF_CHILDRENS_SERVICES: CAP cap",
        "tell RAISER of DIRECTOR_OF_CHILDRENS_SERVICES: CAP cap",
        "tell RUNG of LSCB_CHAIR: RUNG_TOLD 2017-10-30",
    ]


def test_the_rung_at_which_the_cap_was_reached_and_the_raiser_are_told_once() -> None:
    story = given(raised(), bypassed("DIRECTOR_OF_CHILDRENS_SERVICES").at("2017-10-27"))
    story = story.when(cap_reached().at("2017-10-31")).then()
    before = [each for each in agenda(story, "2017-10-31").due if getattr(each, "kind", None) == "CAP"]
    climbed = story.when(bypassed("LSCB_CHAIR")).then()
    after = [each for each in agenda(climbed, "2017-10-31").due if getattr(each, "kind", None) == "CAP"]
    assert len(before) == 2
    assert before == after


# ── What falls due of an answer


def test_the_reviewer_is_told_of_an_answer_and_reminded_after_five_working_days() -> None:
    story = AT_TEAM_MANAGER.when(responded().at("2017-10-03")).then()
    told_of_it = "tell RAISER of TEAM_MANAGER: IRO_TO_DECIDE 2017-10-03"
    reminded = "tell RAISER of TEAM_MANAGER: IRO_TO_DECIDE 2017-10-10"
    assert due(story, "2017-10-03") == [told_of_it]
    assert next_at(story, "2017-10-03") == "2017-10-10T08:00:00Z"
    assert due(story, "2017-10-10T07:59:59Z") == [told_of_it]
    assert due(story, "2017-10-10T08:00:00Z") == [reminded]
    assert next_at(story, "2017-10-10T08:00:00Z") == "2017-10-31T00:00:00Z"


def test_an_answer_stops_the_window() -> None:
    story = AT_TEAM_MANAGER.when(responded()).then()
    assert not any("climb" in each for each in due(story, "2018-10-02"))


def test_a_rejection_calls_for_a_climb_at_once() -> None:
    assert due(REJECTED, "2017-10-02T09:00:00Z") == ["climb to SERVICE_MANAGER (RESPONSE_REJECTED)"]


def test_a_rejection_of_the_chair_exhausts_the_ladder_at_once() -> None:
    story = AT_CHAIR.when(responded("chair", "LSCB_CHAIR")).then().when(rejected()).then()
    assert due(story, "2017-10-02T09:00:00Z") == ["exhaust"]


def test_an_accepted_answer_leaves_nothing_but_the_cap() -> None:
    assert due(ACCEPTED, "2017-10-30") == []
    assert next_at(ACCEPTED, "2017-10-30") == "2017-10-31T00:00:00Z"
    assert due(ACCEPTED, "2017-10-31T00:00:00Z") == ["reach the cap"]


# ── Exhaustion


def test_the_chairs_window_expires_into_exhaustion() -> None:
    assert due(AT_CHAIR, "2017-10-09T22:59:59Z")[-1] == "tell RUNG of LSCB_CHAIR: REMINDER 2017-10-09"
    assert due(AT_CHAIR, "2017-10-09T23:00:00Z")[-1] == "exhaust"


@pytest.mark.parametrize(
    ("moment", "occasion", "next_moment"),
    [
        pytest.param("2017-10-09T23:00:00Z", "2017-10-10", "2017-10-11T08:00:00Z", id="on its day"),
        pytest.param("2017-10-11T07:59:59Z", "2017-10-10", "2017-10-11T08:00:00Z", id="before the morning"),
        pytest.param("2017-10-11T08:00:00Z", "2017-10-11", "2017-10-12T08:00:00Z", id="the next morning"),
        pytest.param("2017-10-13T12:00:00Z", "2017-10-13", "2017-10-16T08:00:00Z", id="a Friday"),
        pytest.param("2017-10-15T12:00:00Z", "2017-10-13", "2017-10-16T08:00:00Z", id="a Sunday"),
        pytest.param("2017-10-16T08:00:00Z", "2017-10-16", "2017-10-17T08:00:00Z", id="a Monday"),
        pytest.param("2017-12-25T12:00:00Z", "2017-12-22", "2017-12-27T09:00:00Z", id="Christmas Day"),
    ],
)
def test_the_raiser_and_the_director_are_reminded_each_working_day_of_an_exhausted_ladder(
    moment: str, occasion: str, next_moment: str
) -> None:
    story = AT_CHAIR.when(exhausted().at("2017-10-09T23:00:00Z")).then()
    reached = story.when(cap_reached().at("2017-10-31")).then() if moment > "2017-10-31" else story
    assert [each for each in due(reached, moment) if "EXHAUSTED" in each] == [
        f"tell RAISER of LSCB_CHAIR: EXHAUSTED {occasion}",
        f"tell DIRECTOR of LSCB_CHAIR: EXHAUSTED {occasion}",
    ]
    assert next_at(reached, moment) == next_moment


# ── The end


def test_those_who_were_told_of_an_alert_are_told_of_its_end() -> None:
    for ending in (resolved(), withdrawn()):
        story = given(raised(), told(), ending)
        assert due(story, "2017-10-02T09:00:00Z") == [
            "tell RUNG of TEAM_MANAGER: RESOLVED 2017-10-02 09:00:00+00:00",
            "tell RAISER of TEAM_MANAGER: RESOLVED 2017-10-02 09:00:00+00:00",
        ]
        assert next_at(story, "2017-10-02T09:00:00Z") == "never"


def test_of_an_end_that_was_voided_and_came_again_they_are_told_again() -> None:
    story = given(raised(), told(), resolved(), voided("event-3"))
    assert due(story, "2017-10-02T09:00:00Z") == [TOLD]
    again = story.when(resolved().at("2017-10-04")).then()
    assert due(again, "2017-10-04")[0] == "tell RUNG of TEAM_MANAGER: RESOLVED 2017-10-04 12:00:00+00:00"


def test_an_alert_of_which_nobody_was_told_ends_quietly() -> None:
    assert agenda(given(raised(), resolved()), "2018-10-02") == Agenda(due=(), next_at=None)


def test_an_attempt_to_settle_a_matter_calls_for_nothing() -> None:
    assert agenda(given(informal()), "2018-10-02") == Agenda(due=(), next_at=None)


def test_beyond_the_calendar_the_agenda_says_so_instead_of_guessing() -> None:
    story = AT_TEAM_MANAGER.when(responded().at("2028-12-28")).then()
    with pytest.raises(BeyondCalendar):
        agenda(story, "2028-12-28")


def test_a_whole_unanswered_ladder_climbs_through_every_rung_and_ends_exhausted() -> None:
    story = left_alone(given(raised()), instant("2017-11-09T09:00:00Z"))
    steps = [each for each in story.records if not isinstance(each.event, NotificationSent)]
    assert [(each.event.TYPE, f"{london(each.recordedat):%d %b %H:%M}") for each in steps] == [
        ("PracticeAlertRaised", "02 Oct 10:00"),
        ("EscalatedToServiceManager", "10 Oct 00:00"),
        ("EscalatedToHeadOfService", "17 Oct 00:00"),
        ("EscalatedToDirectorOfChildrensServices", "24 Oct 00:00"),
        ("StatutoryCapReached", "31 Oct 00:00"),
        ("EscalatedToLscbChair", "31 Oct 00:00"),
        ("LadderExhausted", "07 Nov 00:00"),
    ]
    windows = [each.event for each in steps if isinstance(each.event, PracticeAlertRaised | Escalation)]
    assert [f"{each.due_on:%d %b}" for each in windows] == ["09 Oct", "16 Oct", "23 Oct", "30 Oct", "06 Nov"]
    tellings = [each for each in story.records if isinstance(each.event, NotificationSent)]
    assert len(tellings) == 5 * 3 + 2 + 2 * 3  # each rung three times, the cap, three days of exhaustion
    assert len({each.id for each in story.records}) == len(story.records)


def london(moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo("Europe/London"))
