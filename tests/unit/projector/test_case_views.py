"""The views of status, timeline and notifications."""

from datetime import UTC, datetime

from services.projector.views import VIEWS, notifications, status, timeline
from tests.support.casework import (
    MONDAY,
    contact,
    given,
    not_told,
    plan,
    raised,
    record_of,
    resolved,
    told,
    voided,
)
from tests.support.law import for_each
from tests.support.samples import SAMPLES
from tests.support.samples_of_casework import TEXT


def test_status_counts_events_alerts_and_those_still_open() -> None:
    (row,) = status.view(given(contact(), plan("CP"), raised(), resolved(), raised("alert-2")).records)
    assert (row.status, row.version, row.events) == ("CP_PLAN", 5, 5)
    assert (row.alerts, row.open_alerts) == (2, 1)


def test_a_case_is_opened_by_what_happened_first_however_late_it_was_recorded() -> None:
    story = given(plan(), contact().saying(time="2017-09-28T10:00:00Z"))
    (row,) = status.view(story.records)
    assert row.opened_at == datetime(2017, 9, 28, 10, tzinfo=UTC)
    assert row.last_event_at == MONDAY


def test_a_voided_event_is_counted_as_such_and_dates_nothing() -> None:
    story = given(contact().saying(time="2016-01-04T10:00:00Z"), plan(), voided("event-1"))
    (row,) = status.view(story.records)
    assert (row.events, row.voided_events, row.status) == (3, 1, "CP_PLAN")
    assert row.opened_at == MONDAY


def test_a_case_of_which_nothing_stands_has_no_dates() -> None:
    (row,) = status.view(given(contact(), voided("event-1")).records)
    assert (row.opened_at, row.last_event_at, row.status) == (None, None, "UNKNOWN")


def test_the_timeline_shows_every_event_in_order_and_marks_the_voided() -> None:
    rows = timeline.view(given(contact(), plan(), voided("event-1")).records)
    assert [(row.position, row.type, row.voided) for row in rows] == [
        (1, "ContactReceived", True),
        (2, "PlanMade", False),
        (3, "EventVoided", False),
    ]


def test_the_timeline_names_the_alert_that_an_event_is_about() -> None:
    assert [row.alert_id for row in timeline.view(given(contact(), raised()).records)] == [None, "alert-1"]


def test_a_message_is_sent_once_any_attempt_was() -> None:
    (row,) = notifications.view(given(raised(), not_told("m"), told("m")).records)
    assert (row.state, row.attempts, row.error) == ("SENT", 2, None)


def test_a_message_that_failed_after_it_was_sent_stays_sent() -> None:
    (row,) = notifications.view(given(raised(), told("m"), not_told("m")).records)
    assert (row.state, row.attempts) == ("SENT", 2)


def test_two_channels_of_one_message_are_told_apart() -> None:
    story = given(raised(), told("m", channel="EMAIL"), told("m", channel="WEBHOOK"))
    assert [row.channel for row in notifications.view(story.records)] == ["EMAIL", "WEBHOOK"]


@for_each(SAMPLES)
def test_no_view_carries_personal_data(name: str) -> None:
    history = [
        record_of("PracticeAlertRaised", SAMPLES["PracticeAlertRaised"], number=1, at=MONDAY),
        record_of(name, SAMPLES[name], number=2, at=MONDAY),
    ]
    shown = str([view.record(row) for view in VIEWS for row in view.rows(history)])
    assert TEXT not in shown
    assert "example.org" not in shown


@for_each(SAMPLES)
def test_every_event_is_one_sentence(name: str) -> None:
    (row,) = timeline.view([record_of(name, SAMPLES[name], number=1, at=MONDAY)])
    assert row.sentence[0].isupper() or row.sentence.startswith("manager:4 ")
    assert row.sentence.endswith(".")
    assert ". " not in row.sentence


def test_the_chair_is_called_as_on_the_day() -> None:
    data = SAMPLES["EscalatedToLscbChair"]
    before = record_of("EscalatedToLscbChair", data, number=1, at=datetime(2019, 9, 28, 12, tzinfo=UTC))
    after = record_of("EscalatedToLscbChair", data, number=2, at=datetime(2019, 9, 29, 12, tzinfo=UTC))
    rows = timeline.view([before, after])
    assert "the Chair of the LSCB" in rows[0].sentence
    assert "the chair of the safeguarding partnership" in rows[1].sentence
