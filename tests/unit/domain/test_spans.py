"""Spans of days: whether two of them overlap is found without comparing each with each."""

from datetime import date, timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from services.domain.state.span import Span, first_overlap

START = date(2018, 1, 1)
days = st.one_of(st.none(), st.integers(0, 12).map(lambda n: START + timedelta(days=n)))
lives = st.lists(st.tuples(days, days), max_size=7)


@given(lives)
def test_an_overlap_is_found_where_comparing_each_with_each_finds_one(
    found: list[tuple[date | None, date | None]],
) -> None:
    spans = [Span(object_id=str(nth), first=first, last=last) for nth, (first, last) in enumerate(found)]
    pairs = [(one, other) for one, other in permutations(spans, 2) if other.first and one.spans(other.first)]
    overlap = first_overlap(spans)
    assert (overlap in pairs) if pairs else overlap is None
