"""The cache of folded cases: bounded by events, forgetting those used longest ago."""

from services.domain.access import Access
from services.domain.case import Case
from services.domain.event import CaseVersion
from services.ledger.cases import Cases


def case(version: int) -> Case:
    return Case(case_id="x", version=CaseVersion(version))


def test_what_is_kept_is_found_and_what_is_not_is_not() -> None:
    cases = Cases(10)
    cases.keep("a", case(3))
    assert cases.get("a") == case(3)
    assert cases.get("b") is None


def test_the_bound_is_on_events_not_on_cases() -> None:
    cases = Cases(10)
    for number in range(10):
        cases.keep(f"small-{number}", case(1))
    assert cases.events == 10
    cases.keep("large", case(8))
    assert cases.events == 10
    assert cases.get("small-7") is None
    assert cases.get("small-8") is not None


def test_the_one_used_longest_ago_goes_first() -> None:
    cases = Cases(3)
    for name in "abc":
        cases.keep(name, case(1))
    cases.get("a")
    cases.keep("d", case(1))
    assert cases.get("b") is None
    assert cases.get("a") is not None


def test_a_newer_state_takes_the_place_of_the_older_one() -> None:
    cases = Cases(10)
    cases.keep("a", case(1))
    cases.keep("a", case(2))
    assert (cases.get("a"), cases.events) == (case(2), 2)


def test_a_case_larger_than_the_bound_is_not_kept_and_drives_out_nobody() -> None:
    cases = Cases(5)
    cases.keep("a", case(2))
    cases.keep("huge", case(6))
    assert cases.get("huge") is None
    assert cases.get("a") is not None


def test_what_is_forgotten_weighs_nothing() -> None:
    cases = Cases(5)
    cases.keep("a", case(2))
    cases.forget("a")
    cases.forget("never")
    assert (cases.get("a"), cases.events) == (None, 0)


def test_an_access_log_weighs_one_however_long_it_is() -> None:
    cases = Cases(5)
    cases.keep("access~a", Access("a", CaseVersion(60_000)))
    cases.keep("b", case(4))
    assert cases.events == 5
    cases.keep("c", case(1))
    assert (cases.get("access~a"), cases.events) == (None, 5)
