"""Case status: every transition of the catalogue, whatever the order of recording, and allegations' own."""

from itertools import permutations
from typing import Any

import pytest

from services.domain.facts import Facts
from services.domain.state import allegations
from services.domain.state.episodes import episodes
from services.domain.state.status import CaseStatus
from tests.support.casework import Post, Story, contact, event, given, strategy, voided
from tests.support.orders import agreeing


def referral(on: str = "2017-03-01", referral_id: str = "r") -> Post:
    return event("ReferralAccepted", referral_id=referral_id, referral_date=on)


def assessment(on: str = "2017-03-02") -> Post:
    return event("AssessmentStarted", assessment_id="a", start_date=on)


def authorised(outcome: str, on: str = "2017-04-20") -> Post:
    return event("AssessmentAuthorised", assessment_id="a", outcome=outcome, authorised_on=on)


def discussed(on: str = "2017-04-21", decision: str = "S47_JOINT") -> Post:
    return event("StrategyHeld", strategy_id="s", decision=decision, held_at=f"{on}T10:00:00Z")


def enquiry(on: str = "2017-04-21") -> Post:
    return event("Section47Started", enquiry_id="e", started_on=on)


def enquired(outcome: str = "NOT_SUBSTANTIATED", on: str = "2017-05-02") -> Post:
    return event("Section47Completed", enquiry_id="e", outcome=outcome, completed_on=on)


def conference(on: str = "2017-05-10", decision: str = "CP_PLAN") -> Post:
    return event("ConferenceHeld", conference_id="k", decision=decision, held_on=on)


def made(kind: str, on: str, plan_id: str) -> Post:
    return event("PlanMade", plan_id=plan_id, plan_kind=kind, made_on=on)


def ended(plan_id: str, on: str) -> Post:
    return event("PlanEnded", plan_id=plan_id, ended_on=on)


def closed(on: str = "2017-09-01", reason: str = "RC8") -> Post:
    return event("CaseClosed", reason=reason, closed_on=on)


TAKEN = event("ChildBecameLookedAfter", period_id="p", started_on="2017-06-01")
CEASED = event("ChildCeasedLookedAfter", period_id="p", ceased_on="2017-07-01")
NFA = event("ReferralClosedNfa", referral_id="r", closed_on="2017-03-03")
TO_ENQUIRY = [contact(), referral(), assessment(), authorised("SIGNIFICANT_HARM"), discussed(), enquiry()]
TO_CP = [*TO_ENQUIRY, enquired("SUBSTANTIATED_ONGOING"), conference(), made("CP", "2017-05-10", "cp")]
TO_CIN = [referral(), assessment(), authorised("CIN"), made("CIN", "2017-04-20", "cin")]


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        pytest.param([contact()], "CONTACT_ONLY", id="a contact"),
        pytest.param([contact(), referral()], "REFERRED", id="contact to referral"),
        pytest.param([referral(), NFA], "CLOSED", id="referral to no further action"),
        pytest.param([referral(), closed(reason="RC9")], "CLOSED", id="referral to closed"),
        pytest.param([referral(), assessment()], "ASSESSING", id="referral to assessment"),
        pytest.param([referral(), assessment(), authorised("NOT_IN_NEED")], "REFERRED", id="assessed"),
        pytest.param(TO_CIN, "CIN_PLAN", id="assessment to child in need plan"),
        pytest.param(TO_ENQUIRY[:5], "S47_ENQUIRY", id="assessment to strategy discussion"),
        pytest.param([referral(), assessment(), closed()], "CLOSED", id="assessment to closed"),
        pytest.param(TO_ENQUIRY, "S47_ENQUIRY", id="strategy discussion to enquiry"),
        pytest.param([*TO_ENQUIRY, enquired()], "REFERRED", id="enquiry to nothing more"),
        pytest.param([*TO_ENQUIRY, enquired(), closed()], "CLOSED", id="enquiry to closed"),
        pytest.param(
            [*TO_ENQUIRY, enquired(), made("CIN", "2017-05-03", "cin")], "CIN_PLAN", id="enquiry to plan"
        ),
        pytest.param(TO_CP, "CP_PLAN", id="enquiry to child protection plan"),
        pytest.param(
            [*TO_CP, ended("cp", "2017-08-01"), made("CIN", "2017-08-01", "cin")],
            "CIN_PLAN",
            id="child protection plan stepped down",
        ),
        pytest.param(
            [*TO_CP, ended("cp", "2017-08-01"), closed()], "CLOSED", id="child protection to closed"
        ),
        pytest.param([*TO_CP, closed()], "CLOSED", id="closed over an open plan"),
        pytest.param([*TO_CP, TAKEN], "LOOKED_AFTER", id="child protection plan to care"),
        pytest.param([*TO_CP, TAKEN, CEASED], "CP_PLAN", id="back from care"),
        pytest.param([*TO_CIN, discussed("2017-06-01")], "CIN_PLAN", id="stepped up, the plan still open"),
        pytest.param(
            [*TO_CIN, discussed("2017-06-01"), ended("cin", "2017-06-01")], "S47_ENQUIRY", id="stepped up"
        ),
        pytest.param([*TO_CIN, ended("cin", "2017-08-01"), closed()], "CLOSED", id="need to closed"),
        pytest.param(
            [referral("2016-03-01", "old"), closed("2016-09-01"), referral()], "REFERRED", id="referred again"
        ),
        pytest.param([referral(), closed("2017-04-01"), contact()], "CLOSED", id="contact on a closed case"),
        pytest.param([discussed(decision="NO_S47"), referral()], "REFERRED", id="no enquiry needed"),
    ],
)
def test_a_case_stands_where_its_facts_lead(facts: list[Post], status: str) -> None:
    assert given(*facts).case.status == status
    agreeing(*facts)
    assert given(*reversed(facts)).case.status == status


@pytest.mark.parametrize(
    ("referred_at", "status"), [("15:00", "REFERRED"), ("09:00", "CLOSED"), ("11:00", "CLOSED")]
)
def test_a_referral_later_on_the_day_of_closing_opens_the_case_again(referred_at: str, status: str) -> None:
    day = "2017-09-01"
    facts = [
        referral("2017-03-01", "old"),
        closed(day).saying(time=f"{day}T11:00:00Z"),
        referral(day).saying(time=f"{day}T{referred_at}:00Z"),
        discussed(day).saying(time=f"{day}T{referred_at}:00Z"),
    ]
    for order in permutations(facts):
        case = given(*order).case
        assert case.status == ("S47_ENQUIRY" if status == "REFERRED" else status)
        assert episodes(case.facts)["r"].is_open == (status == "REFERRED")


def test_every_status_takes_precedence_over_those_before_it() -> None:
    assert [status.value for status in CaseStatus] == [
        "UNKNOWN", "CONTACT_ONLY", "CLOSED", "REFERRED", "ASSESSING",
        "S47_ENQUIRY", "CIN_PLAN", "CP_PLAN", "LOOKED_AFTER", "ALLEGATION",
    ]  # fmt: skip


def test_an_assessment_entered_before_its_referral_belongs_to_it() -> None:
    assert given(authorised("CIN"), assessment(), referral()).case.status is CaseStatus.REFERRED


def test_a_correction_in_the_middle_of_a_plan_is_as_if_it_had_been_right_at_once() -> None:
    wrong = given(*TO_CIN, ended("cin", "2017-06-01"), discussed("2017-06-01"))
    right = wrong.when(voided("event-5")).then()
    assert (wrong.case.status, right.case.status) == ("S47_ENQUIRY", "CIN_PLAN")
    assert right.when(ended("cin", "2017-07-01")).then_admitted().case.status == "S47_ENQUIRY"


def test_of_two_accounts_the_one_of_what_happened_later_counts_whichever_was_typed_first() -> None:
    joint = strategy("S47_JOINT").saying(time="2017-04-21T10:00:00Z", id="joint")
    none = strategy("NO_S47").saying(time="2017-04-22T10:00:00Z", id="none")
    for order in permutations((joint, none)):
        assert given(*order).case.status is CaseStatus.UNKNOWN


def received() -> Post:
    return event("LadoReferralReceived", role="POLICE", concern="OTHER", received_on="2017-09-01")


def decided(decision: str) -> Post:
    return event("LadoThresholdDecided", decision=decision, decided_on="2017-09-02")


def step(name: str, on: str, **data: Any) -> Post:
    return event(name, on=on, **data)


OUTCOME = step("LadoOutcomeRecorded", "2017-09-10", outcome="UNFOUNDED")
CLOSED = step("LadoCaseClosed", "2017-09-12")
REOPENED = step("LadoCaseReopened", "2017-09-20")
ENQUIRY = decided("INTERNAL_ENQUIRY_CSM")


@pytest.mark.parametrize(
    ("facts", "state", "status"),
    [
        ([received()], "RECEIVED", "ALLEGATION"),
        ([step("LadoConsultationGiven", "2017-09-01")], "RECEIVED", "ALLEGATION"),
        ([received(), decided("LOGGED_CLOSED")], "LOGGED", "CLOSED"),
        ([received(), decided("ADVICE")], "ADVISED", "CLOSED"),
        ([received(), ENQUIRY], "ENQUIRY", "ALLEGATION"),
        ([received(), ENQUIRY, OUTCOME], "CONCLUDED", "ALLEGATION"),
        ([received(), ENQUIRY, OUTCOME, CLOSED], "CLOSED", "CLOSED"),
        ([received(), ENQUIRY, OUTCOME, CLOSED, REOPENED], "REOPENED", "ALLEGATION"),
        ([received(), decided("ADVICE"), REOPENED], "REOPENED", "ALLEGATION"),
        (
            [received(), ENQUIRY, OUTCOME, CLOSED, REOPENED, step("LadoCaseClosed", "2017-10-01")],
            "CLOSED",
            "CLOSED",
        ),
    ],
)
def test_an_allegation_stands_where_its_latest_step_leads(facts: list[Post], state: str, status: str) -> None:
    for story in (given(*facts), given(*reversed(facts))):
        assert (allegations.state(story.case.facts), story.case.status) == (state, status)


def test_a_childs_case_is_about_no_allegation() -> None:
    assert allegations.state(_facts(given(contact()))) is None


def _facts(story: Story) -> Facts:
    return story.case.facts
