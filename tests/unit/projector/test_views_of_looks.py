"""The views that looks are judged by: the looks themselves, and whose a case was known to be."""

from services.domain.events.referral import CaseAllocated
from services.domain.restriction import OPEN_FOR
from services.projector.views import VIEWS, looks, openings, teams
from tests.support.casework import MONDAY, Post, contact, event, given, record_of, voided
from tests.support.samples import SAMPLES


def allocated(team: str | None, on: str, worker: str = "worker:3") -> Post:
    named = {"team": team} if team else {}
    return event(CaseAllocated.TYPE, worker=worker, on=on, **named)


def known(*posts: Post) -> list[tuple[int, str | None]]:
    return [(row.position, row.team) for row in teams.view(given(*posts).records)]


def test_a_case_is_known_to_be_a_teams_from_the_event_that_says_so() -> None:
    one = allocated("CARE_TEAM", "2017-09-01")
    assert known(contact(), one) == [(2, "CARE_TEAM")]
    assert known(contact()) == []


def test_an_allocation_that_changes_no_team_changes_nothing() -> None:
    assert known(allocated("CARE_TEAM", "2017-09-01"), allocated(None, "2017-09-02", "worker:4")) == [
        (1, "CARE_TEAM")
    ]


def test_what_is_typed_in_late_is_known_from_then_on_and_only_if_it_counts() -> None:
    now, before = allocated("CARE_TEAM", "2017-09-02"), allocated("DUTY_TEAM", "2017-09-01")
    assert known(now, before) == [(1, "CARE_TEAM")]
    assert known(before, now) == [(1, "DUTY_TEAM"), (2, "CARE_TEAM")]


def test_a_voided_allocation_was_known_until_it_was_voided() -> None:
    wrong = allocated("CARE_TEAM", "2017-09-01").saying(id="wrong")
    assert known(wrong, contact(), voided("wrong")) == [(1, "CARE_TEAM"), (3, None)]


def test_a_look_is_a_row_and_nothing_else_is() -> None:
    look = record_of("RecordViewed", SAMPLES["RecordViewed"], number=1, at=MONDAY)
    (row,) = looks.view([look])
    assert (row.case_id, row.purpose, row.versions) == (
        "case-1",
        "SUPERVISION",
        "1-4,7",
    )
    assert looks.view(given(contact()).records) == []


def test_an_opening_is_told_by_its_own_event_and_outlasts_the_restriction() -> None:
    restricted = event("CaseRestricted", reason="ADOPTION")
    broken = event("BreakGlassUsed", purpose="CHILD_AT_RISK", reason="She rang.").saying(actor="sw:2")
    story = given(restricted, broken, event("RestrictionLifted"))
    (row,) = openings.view(story.records)
    assert (row.case_id, row.position, row.who) == ("case-1", 2, "sw:2")
    assert row.until - story.records[1].recordedat == OPEN_FOR


def test_only_looks_are_of_access_logs() -> None:
    assert [view.table for view in VIEWS if view.of_access_logs] == ["look"]
