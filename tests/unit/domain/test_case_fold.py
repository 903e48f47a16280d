"""What a case's events come to, in whatever order they were recorded."""

import pytest

from services.domain import case as cases
from services.domain.case import NO_CASE, Case
from services.domain.state.status import CaseStatus
from tests.support.casework import (
    CASE,
    Post,
    bypassed,
    contact,
    event,
    given,
    nothing,
    plan,
    raised,
    responded,
    strategy,
)


def test_a_case_of_which_nothing_was_recorded_has_no_version() -> None:
    assert nothing().case == Case(case_id=CASE)
    assert nothing().case.version == NO_CASE
    assert nothing().case.status is CaseStatus.UNKNOWN


@pytest.mark.parametrize(
    ("posts", "status"),
    [
        ([contact()], CaseStatus.CONTACT_ONLY),
        ([strategy("NO_S47")], CaseStatus.UNKNOWN),
        ([contact(), strategy("NO_S47")], CaseStatus.CONTACT_ONLY),
        ([strategy("S47_SINGLE")], CaseStatus.S47_ENQUIRY),
        ([strategy("S47_JOINT"), contact()], CaseStatus.S47_ENQUIRY),
        ([strategy("S47_JOINT"), strategy("NO_S47", "strategy-2")], CaseStatus.S47_ENQUIRY),
        ([strategy("S47_JOINT"), strategy("NO_S47")], CaseStatus.UNKNOWN),
        ([plan("CIN"), strategy()], CaseStatus.CIN_PLAN),
        ([plan("CP"), plan("CIN", "plan-2"), contact()], CaseStatus.CP_PLAN),
        ([plan("PEP")], CaseStatus.UNKNOWN),
        ([raised()], CaseStatus.UNKNOWN),
        ([event("GoodPracticeRecorded")], CaseStatus.UNKNOWN),
    ],
)
def test_the_status_is_that_which_takes_precedence(posts: list[Post], status: CaseStatus) -> None:
    assert given(*posts).case.status is status


def test_every_event_moves_the_version_by_one() -> None:
    story = given(contact(), contact(), raised(), responded(), bypassed("LSCB_CHAIR"))
    assert [record.caseversion for record in story.records] == [1, 2, 3, 4, 5]
    assert story.case.version == 5


def test_a_case_keeps_its_history_newest_first() -> None:
    story = given(contact(), strategy(), plan())
    assert list(cases.walk(story.case.last)) == list(reversed(story.records))


def test_a_case_that_was_folded_is_not_changed_by_what_comes_later() -> None:
    before = given(contact())
    known = before.case
    before.when(contact("contact-2")).then()
    before.when(raised()).then()
    assert known == given(contact()).case


def test_part_of_a_history_is_folded_as_far_as_it_goes() -> None:
    story = given(contact(), raised(), bypassed("HEAD_OF_SERVICE"), plan())
    without_raising = [record for record in story.records if record.event.TYPE != "PracticeAlertRaised"]
    case = cases.refold(CASE, without_raising)
    assert case.alerts == {}
    assert case.status is CaseStatus.CP_PLAN
    assert case.version == 4
