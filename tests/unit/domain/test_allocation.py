"""Whose case it is: by the day on which it was given, whoever typed it in first."""

from datetime import date

from hypothesis import given as for_all
from hypothesis import strategies as st

from services.domain.state import allocation
from services.domain.state.allocation import Allocation, allocations
from tests.support.casework import Post, event, given

GIVEN = [
    event("CaseAllocated", worker="worker:ann", team="PROTECTION_TEAM", on="2017-10-02"),
    event("CaseReallocated", worker="worker:bob", on="2017-11-06"),
    event("CaseReallocated", worker="worker:cat", team="LOOKED_AFTER_TEAM", on="2018-01-08"),
]


@for_all(st.permutations(GIVEN))
def test_the_worker_is_the_one_who_was_given_the_case_last_in_whatever_order_it_was_typed(
    posts: list[Post],
) -> None:
    allocated = allocations(given(*(post.at("2018-03-01") for post in posts)).case.facts)
    assert [each.worker for each in allocated] == ["worker:ann", "worker:bob", "worker:cat"]


def test_a_worker_has_the_case_from_the_day_on_until_the_next_one_does_and_keeps_the_team() -> None:
    allocated = allocations(given(*(post.at("2018-03-01") for post in GIVEN)).case.facts)
    assert allocation.on(allocated, date(2017, 10, 1)) is None
    assert allocation.on(allocated, date(2018, 1, 7)) == Allocation(
        worker="worker:bob", team="PROTECTION_TEAM", since=date(2017, 11, 6)
    )
    assert allocation.on(allocated, date(2018, 1, 8)) == allocated[-1]
