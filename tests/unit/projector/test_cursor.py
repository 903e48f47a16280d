"""Cursors."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.projector import cursor
from services.projector.cursor import MOST, CaseKey, NotACursor, PositionKey


@given(st.integers(0, MOST))
def test_a_position_comes_back(position: int) -> None:
    assert cursor.read(cursor.write(position), PositionKey) == position


@given(st.from_regex(r"\A[A-Za-z0-9_-]{1,64}\Z"))
def test_a_case_id_comes_back(case_id: str) -> None:
    assert cursor.read(cursor.write(case_id), CaseKey) == case_id


@given(st.text(max_size=200))
def test_other_text_is_no_cursor_or_names_a_possible_position(text: str) -> None:
    try:
        key = cursor.read(text, PositionKey)
    except NotACursor:
        return
    assert 0 <= key <= MOST


@pytest.mark.parametrize(
    ("key", "kind"),
    [("case-1", PositionKey), (-1, PositionKey), (MOST + 1, PositionKey), (1, CaseKey), ("a\0", CaseKey)],
)
def test_a_key_of_no_item_of_the_list_is_refused(key: Any, kind: Any) -> None:
    with pytest.raises(NotACursor):
        cursor.read(cursor.write(key), kind)
