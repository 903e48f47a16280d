"""Practice alerts raised: their dates, and which of them are repeats."""

from datetime import date

import pytest

from tests.support.alerts import AT_TEAM_MANAGER, CLOSED, OPEN, escalation, every_closed_state, raising
from tests.support.casework import (
    ALERT,
    Story,
    escalated,
    given,
    informal,
    nothing,
    raised,
)

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


def test_a_client_that_gives_day_0_alone_gets_the_other_dates_counted_from_it() -> None:
    alert = raising(nothing().when(raised(day0="2017-09-25")).then())
    assert (alert.due_on, alert.cap_on) == (date(2017, 10, 2), date(2017, 10, 23))
    climbed = escalation(
        AT_TEAM_MANAGER.when(escalated("HEAD_OF_SERVICE", "IRO_BYPASS", day0="2017-10-03")).then()
    )
    assert climbed.due_on == date(2017, 10, 10)


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
