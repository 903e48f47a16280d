"""Rules of contacts, referrals and assessments: both sides of each, and in either order of recording."""

from typing import Any

import pytest

from services.domain.events.child import ChildDetailsRecorded
from tests.support.casework import Post, contact, event, given, nothing
from tests.support.orders import agreeing, contradicting


def referral(referral_id: str, on: str) -> Post:
    return event("ReferralAccepted", referral_id=referral_id, referral_date=on)


def no_action(referral_id: str, on: str) -> Post:
    return event("ReferralClosedNfa", referral_id=referral_id, closed_on=on)


def started(assessment_id: str, on: str, **data: Any) -> Post:
    return event("AssessmentStarted", assessment_id=assessment_id, start_date=on, **data)


def authorised(assessment_id: str, on: str, **data: Any) -> Post:
    said = {"outcome": "NOT_IN_NEED", **data}
    return event("AssessmentAuthorised", assessment_id=assessment_id, authorised_on=on, **said)


def closed(on: str) -> Post:
    return event("CaseClosed", reason="RC8", closed_on=on)


def test_one_episode_at_a_time() -> None:
    contradicting(
        "one_episode_at_a_time",
        referral("1", "2017-03-01"),
        no_action("1", "2017-05-01"),
        referral("2", "2017-04-01"),
    )
    agreeing(referral("1", "2017-03-01"), no_action("1", "2017-05-01"), referral("2", "2017-05-01"))


def test_a_second_referral_is_flagged_while_the_first_is_not_known_to_be_closed() -> None:
    story = given(referral("1", "2017-03-01"))
    story.when(referral("2", "2017-04-01")).then_admitted("another_open")
    story.when(closed("2017-03-20")).then().when(referral("2", "2017-04-01")).then_admitted()


def test_one_assessment_at_a_time() -> None:
    contradicting(
        "one_assessment_at_a_time",
        started("1", "2017-03-01"),
        authorised("1", "2017-05-01"),
        started("2", "2017-04-01"),
    )
    agreeing(started("1", "2017-03-01"), authorised("1", "2017-05-01"), started("2", "2017-05-01"))


def test_a_second_assessment_is_flagged_while_the_first_is_not_known_to_be_over() -> None:
    story = given(referral("r", "2017-03-01"), started("1", "2017-03-01"))
    story.when(started("2", "2017-04-01")).then_admitted("another_open")
    over = story.when(authorised("1", "2017-03-20")).then_admitted()
    over.when(started("2", "2017-04-01")).then_admitted()


def test_no_further_action_means_that_there_was_none() -> None:
    contradicting(
        "no_action_means_none",
        referral("1", "2017-03-01"),
        no_action("1", "2017-03-20"),
        started("1", "2017-03-10"),
    )
    agreeing(referral("1", "2017-03-01"), no_action("1", "2017-03-20"), started("1", "2017-04-10"))


def test_nothing_begins_before_the_referral_that_it_names() -> None:
    early = started("1", "2017-02-28", referral_id="r")
    contradicting("before_its_referral", referral("r", "2017-03-01"), early)
    agreeing(referral("r", "2017-03-01"), started("1", "2017-03-01", referral_id="r"))
    agreeing(referral("r", "2017-03-01"), started("1", "2017-02-28"))


def test_an_assessment_may_be_entered_before_the_referral_that_it_belongs_to() -> None:
    story = nothing().when(started("1", "2017-03-01", referral_id="r")).then_admitted("no_referral_open")
    assert story.when(referral("r", "2017-03-01")).then_admitted().case.status == "ASSESSING"


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (referral("1", "2017-03-02"), no_action("1", "2017-03-01")),
        (started("1", "2017-03-02"), authorised("1", "2017-03-01")),
        (
            event("ComplaintReceived", complaint_id="1", on="2017-03-02"),
            event("ComplaintResolved", complaint_id="1", on="2017-03-01"),
        ),
        (
            event("EarlyHelpAssessmentStarted", assessment_id="1", on="2017-03-02"),
            event("EarlyHelpAssessmentCompleted", assessment_id="1", on="2017-03-01"),
        ),
    ],
)
def test_nothing_ends_before_it_begins(first: Post, last: Post) -> None:
    contradicting("ends_before_it_begins", first, last)


def test_work_is_over_when_its_case_is_closed() -> None:
    contradicting(
        "work_outlives_its_case",
        started("1", "2017-03-01"),
        authorised("1", "2017-05-01"),
        closed("2017-04-01"),
    )
    agreeing(started("1", "2017-03-01"), authorised("1", "2017-05-01"), closed("2017-05-01"))


def test_closing_a_case_with_something_open_in_it_is_flagged() -> None:
    story = given(referral("r", "2017-03-01"), started("1", "2017-03-01"))
    story.when(closed("2017-05-01")).then_admitted("work_open")
    story.when(authorised("1", "2017-04-01")).then().when(closed("2017-05-01")).then_admitted()


def test_factor_21_stands_alone() -> None:
    both = authorised("1", "2017-05-01", factors=["21", "1A"])
    nothing().when(both).then_refused("none_excludes_other_factors", "/data/factors")
    nothing().when(authorised("1", "2017-05-01", factors=["21"])).then_admitted("start_unknown")


def test_need_without_factors_is_flagged() -> None:
    story = given(started("1", "2017-04-01"))
    story.when(authorised("1", "2017-05-01", outcome="CIN")).then_admitted("factors_missing")
    story.when(authorised("1", "2017-05-01", outcome="CIN", factors=["1A"])).then_admitted()
    story.when(authorised("1", "2017-05-01")).then_admitted()


def test_a_birth_is_told_after_it() -> None:
    told = event("ChildDetailsRecorded", date_of_birth="2017-10-03")
    nothing().when(told).then_refused("told_after_birth", "/data/date_of_birth")
    nothing().when(event("ChildDetailsRecorded", expected_birth="2017-12-03")).then_admitted()
    nothing().when(event("ChildDetailsCorrected", date_of_birth="2017-10-02")).then_admitted()
    told = event("ChildDetailsRecorded", birth_month="2017-11")
    nothing().when(told).then_refused("told_after_birth", "/data/birth_month")


def test_the_month_of_a_birth_is_set_by_the_ledger_and_contradicts_no_date() -> None:
    for posted in (
        event("ChildDetailsRecorded", date_of_birth="2009-04-12"),
        event("ChildDetailsRecorded", date_of_birth="2009-04-12", birth_month="2009-04"),
        event("ChildDetailsRecorded", birth_month="2009-04"),
    ):
        outcome = nothing().when(posted)
        outcome.then_admitted()
        assert outcome.after
        assert outcome.after.records[-1].event == ChildDetailsRecorded(birth_month="2009-04")
    told = event("ChildDetailsRecorded", date_of_birth="2009-04-12", birth_month="2009-05")
    nothing().when(told).then_refused("birth_month_is_that_of_the_date", "/data/birth_month")


def test_no_refusal_repeats_a_date_of_birth() -> None:
    for name, field, data in (
        ("ChildDetailsRecorded", "date_of_birth", {}),
        ("PrivateFosteringNotified", "child_dob", {"arrangement_id": "a"}),
    ):
        refused = nothing().when(event(name, **data, **{field: "2031-04-12"})).refused
        assert refused
        assert "2031" not in refused.reason


@pytest.mark.parametrize(
    ("post", "start"),
    [
        (event("ContactTriaged", contact_id="contact-1", outcome="NFA"), contact()),
        (no_action("1", "2017-04-01"), referral("1", "2017-03-01")),
        (event("AssessmentExtended", assessment_id="1"), started("1", "2017-03-01")),
        (
            event("EarlyHelpAssessmentCompleted", assessment_id="1"),
            event("EarlyHelpAssessmentStarted", assessment_id="1", on="2017-03-01"),
        ),
        (
            event("ComplaintResolved", complaint_id="1"),
            event("ComplaintReceived", complaint_id="1", on="2017-03-01"),
        ),
        (
            event("ChronologyEntryRemoved", entry_id="1"),
            event("ChronologyEntryAdded", entry_id="1", heading="SCHOOL_CONCERN"),
        ),
    ],
)
def test_what_goes_on_with_something_unknown_is_flagged(post: Post, start: Post) -> None:
    nothing().when(post).then_admitted("start_unknown")
    given(start).when(post).then_admitted()


@pytest.mark.parametrize(
    "post",
    [
        event("CaseAllocated", worker="worker:1"),
        event("CaseReallocated", worker="worker:1"),
        event("ChildSeen"),
        closed("2017-10-01"),
    ],
)
def test_work_without_an_open_referral_is_flagged(post: Post) -> None:
    nothing().when(post).then_admitted("no_referral_open")
    given(referral("r", "2017-03-01")).when(post).then_admitted()


@pytest.mark.parametrize(
    "post",
    [
        event("CaseAuditCompleted", on="2017-09-01", grade="GOOD"),
        event("PanelConsidered", panel="ARC_CLA", on="2017-09-01"),
        event("AssessmentConsentRefused", next_step="CLOSE", on="2017-09-01"),
        event("ComplaintReceived", complaint_id="1"),
    ],
)
def test_the_same_said_twice_is_recorded_again(post: Post) -> None:
    given(post).when(post).then_admitted("recorded_again")


def test_the_same_thing_done_on_another_day_is_another_one() -> None:
    audited = event("CaseAuditCompleted", on="2017-09-01")
    given(audited).when(event("CaseAuditCompleted", on="2017-09-02")).then_admitted()


def test_what_has_not_come_yet_is_refused() -> None:
    nothing().when(referral("1", "2017-10-03")).then_refused("date_in_the_future", "/data/referral_date")
    to_come = event("ProtectiveActionTaken", action_id="1", kind="EPO", **{"from": "2017-10-03T09:00:00Z"})
    nothing().when(to_come).then_refused("date_in_the_future", "/data/from")
