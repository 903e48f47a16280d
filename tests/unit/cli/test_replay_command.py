"""What `caseledger replay` tells of a case, and what it says to somebody who asked for something else."""

from datetime import UTC, datetime

import pytest
import typer
from msgspec.structs import replace

from services.cli.replay import when
from services.cli.replay.change import STATUSES, Change
from services.cli.replay.reading import Reading
from services.cli.replay.show import Printer
from services.cli.terminal import in_words
from services.cli.trouble import in_full
from services.domain.as_at import NOW
from services.domain.event import compose
from services.domain.state.status import CaseStatus
from services.runtime.client import Declined
from tests.support.casework import (
    ALERT,
    CASE,
    Story,
    accepted,
    contact,
    escalated,
    event,
    given,
    instant,
    plan,
    raised,
    responded,
    told,
    voided,
)

MIDNIGHT_IN_LONDON = datetime(2018, 4, 9, 23, tzinfo=UTC)
STORY = given(
    contact().at("2018-03-01").saying(time="2018-03-01T09:00:00Z"),
    event("ReferralAccepted", referral_id="ref-1").at("2018-03-01"),
    event("AssessmentStarted", assessment_id="a-1", referral_id="ref-1").at("2018-03-05"),
    raised().at("2018-03-06"),
    told(holder="manager:4", rung="TEAM_MANAGER", channel="EMAIL").at("2018-03-06"),
    escalated().at("2018-03-14T00:30:00Z"),
    responded("manager:3", "SERVICE_MANAGER").at("2018-03-15"),
    accepted().at("2018-03-16"),
    plan(made_on="2018-03-07").at("2018-06-01").saying(actor="sw:8"),
    voided("event-3").at("2018-06-02"),
)
NAMES = ("Single assessment, Rutland's forty days (ref-1)", "Single assessment, 45 working days (ref-1)")


def reading(story: Story = STORY) -> Reading:
    """A case as the ledger gives it."""
    return Reading(
        CASE, [placed(nth, compose(each)) for nth, each in enumerate(story.records, 11)], [], LATER
    )


def placed(position: int, document: bytes) -> bytes:
    return b'{"position":%d,' % position + document[1:]


LATER = instant("2018-07-01")


def lines(changes: list[Change]) -> list[str]:
    return [f"{each.kind} {each.text}" for each in changes]


def test_each_event_says_what_it_changed_of_status_ladder_and_deadlines() -> None:
    steps = list(reading().steps(NOW))
    assert lines(steps[1].changes) == [
        "status a contact, and no more → referred",
        "deadline Decision on a contact (contact-1): met on Thu 1 Mar 2018, was due by Fri 2 Mar 2018",
        f"deadline {NAMES[0]}: due by Mon 30 Apr 2018",
        f"deadline {NAMES[1]}: due by Tue 8 May 2018",
    ]
    waits = "the Service Manager is to answer by Tue 20 Mar 2018"
    assert lines(steps[5].changes) == [f"ladder {ALERT}: up from the Team Manager; {waits}"]
    assert (lines(steps[4].changes), steps[4].entry.sentence[:14]) == ([], "Told manager:4")


def test_what_fell_due_while_nothing_was_recorded_is_told_before_the_next_event() -> None:
    step = list(reading().steps(NOW))[8]
    assert lines(step.passed) == [
        f"deadline {NAMES[0]}: overdue, was due by Mon 30 Apr 2018",
        f"deadline {NAMES[1]}: overdue, was due by Tue 8 May 2018",
    ]
    assert step.entry.happened == datetime(2018, 3, 7, tzinfo=UTC)


def test_a_voiding_names_what_counts_no_more_and_that_is_struck() -> None:
    steps = list(reading().steps(NOW))
    assert lines(steps[9].changes)[0] == "voided position 13 counts no more: An assessment was begun."
    assert [step.entry.header.caseversion for step in steps if step.entry.voided] == [3]


def test_deadlines_are_judged_on_the_day_that_was_asked_for() -> None:
    standing = reading().standing(when.asked("2018-04-30", None))
    assert {each.state for each in standing.deadlines.values()} == {"MET", "DUE_SOON"}
    assert standing.alerts[ALERT].state == "ACCEPTED"


def test_closure_days_that_were_typed_late_count_as_everything_that_was() -> None:
    closed = (
        event("ClosureDaysSet", dates=["2018-03-05"]).at("2018-06-01").saying(time="2018-02-01T09:00:00Z")
    )
    told = reading()
    told = replace(told, office=[placed(1, compose(each)) for each in given(closed).records])
    known = [when.asked(None, "2018-04-30"), when.asked("2018-05-31", "2018-04-30")]
    due = [told.standing(asked).deadlines["ASSESS_40:ref-1:1"].due_on for asked in known]
    assert [str(each) for each in due] == ["2018-05-01", "2018-04-30"]


def test_two_days_are_compared_as_was_known_on_each() -> None:
    difference = reading().compare(*when.sides("2018-03-06", "2018-05-01", None))
    climbed = "up from the Team Manager to the Service Manager"
    assert lines(difference.changes) == [
        f"ladder {ALERT}: {climbed}; the answer is accepted; it stays open until it is resolved",
        f"deadline {NAMES[0]}: overdue, was due by Mon 30 Apr 2018",
    ]
    assert [entry.header.caseversion for entry in difference.added] == [6, 7, 8]


def test_two_days_are_compared_as_is_known_later() -> None:
    difference = reading().compare(*when.sides("2018-03-06", "2018-03-07", LATER))
    assert lines(difference.changes)[0] == "status referred → on a child protection plan"
    assert [entry.header.type for entry in difference.added] == ["PlanMade"]


def test_an_event_that_this_release_does_not_know_is_shown_and_changes_nothing() -> None:
    newer = compose(STORY.records[0]).replace(b"ContactReceived", b"ContactSighted")
    (step,) = Reading(CASE, [placed(1, newer)], [], LATER).steps(NOW)
    assert step.entry.sentence == "An event that this release does not know: ContactSighted."
    assert step.changes == []


def test_it_reads_well_in_eighty_columns(capsys: pytest.CaptureFixture[str]) -> None:
    found = reading()
    printer = Printer()
    printer.show_step(list(found.steps(NOW))[8])
    printer.show_standing(found.standing(NOW))
    shown = capsys.readouterr().out.splitlines()
    assert shown[:8] == [
        "   meanwhile Single assessment, Rutland's forty days (ref-1): overdue, was due",
        "             by Mon 30 Apr 2018",
        "   meanwhile Single assessment, 45 working days (ref-1): overdue, was due by Tue",
        "             8 May 2018",
        "9. Fri 1 Jun 2018 13:00",
        "   A child protection plan was made.",
        "   PlanMade at position 19; by sw:8; happened Wed 7 Mar 2018",
        "   status    being assessed → on a child protection plan",
    ]
    assert max(map(len, shown)) <= 80
    assert "   status    on a child protection plan" in shown


def test_every_status_has_words() -> None:
    assert STATUSES.keys() == set(CaseStatus)


def test_a_date_is_the_end_of_that_day_in_london() -> None:
    assert when.end_of("2018-04-09") < MIDNIGHT_IN_LONDON < when.end_of("2018-04-10")
    assert when.end_of("2018-04-09T23:00:00Z") == MIDNIGHT_IN_LONDON


@pytest.mark.parametrize(
    "written", ["16/04/2018", "yesterday", "2018-04-16T12:00:00", "0001-01-01T00:00:00Z"]
)
def test_anything_else_is_refused_with_an_example_of_each(written: str) -> None:
    with pytest.raises(typer.BadParameter) as refused:
        when.end_of(written)
    assert "London date such as 2018-04-16, or an instant such as 2018-04-16T12:00:00Z" in str(refused.value)
    assert "system" not in str(refused.value)


def test_a_day_that_there_is_not_is_refused_and_so_are_two_in_the_wrong_order() -> None:
    for written in ("2018-02-30", "9999-12-31"):
        with pytest.raises(typer.BadParameter, match=f"there is no day {written}"):
            when.end_of(written)
    with pytest.raises(typer.BadParameter, match="2018-02-01 is before 2018-03-01"):
        when.sides("2018-03-01", "2018-02-01", None)


def test_what_was_asked_is_said_in_words() -> None:
    assert when.in_plain(when.asked(None, None)) == ""
    both = when.in_plain(when.asked("2018-04-09T23:00:00Z", "2018-04-09T23:00:00Z"))
    moment = "Tuesday 10 April 2018 00:00 (2018-04-09T23:00:00Z)"
    assert both == f"how it was at {moment}, as known at {moment}"


def test_an_instant_is_said_in_london_time_with_the_weekday_of_that() -> None:
    assert in_words(MIDNIGHT_IN_LONDON) == "Tuesday 10 April 2018 00:00 (2018-04-09T23:00:00Z)"


def test_what_the_ledger_declines_is_said_with_every_fault() -> None:
    faults = [{"parameter": "case_id", "message": "does not match"}, {"message": "is odd"}]
    declined = Declined(400, "invalid-request", "Correct each fault that is named.", {"faults": faults})
    assert in_full(declined).splitlines() == [
        "the ledger answered 400 invalid-request: Correct each fault that is named.",
        "  case_id: does not match",
        "  request: is odd",
    ]
