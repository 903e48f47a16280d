"""Conditional headers, read as RFC 9110 has them."""

import pytest

from services.ledger.conditions import condition_of, idempotency_key_of, last_event_id_of
from services.runtime.problems import Problem


@pytest.mark.parametrize(
    ("if_match", "if_none_match", "holds", "fails"),
    [
        (None, None, [0, 1, 7], []),
        ("*", None, [1, 7], [0]),
        (None, "*", [0], [1, 7]),
        ('"7"', None, [7], [0, 6, 8]),
        ('"7", "8"', None, [7, 8], [0, 6]),
        (' "7" ', None, [7], [8]),
        ('W/"7"', None, [], [7]),
        ('"v7"', None, [], [7]),
        ('"0"', None, [0], [1]),
    ],
)
def test_a_condition_holds_at_the_versions_that_it_names(
    if_match: str | None, if_none_match: str | None, holds: list[int], fails: list[int]
) -> None:
    condition = condition_of(if_match, if_none_match)
    assert [version for version in holds if not condition.holds(version)] == []
    assert [version for version in fails if condition.holds(version)] == []


@pytest.mark.parametrize(
    ("if_match", "if_none_match"),
    [("7", None), ("", None), ('"7', None), ('"7" "8"', None), (None, '"7"'), (None, ""), ("*", "*")],
)
def test_what_cannot_be_read_is_told(if_match: str | None, if_none_match: str | None) -> None:
    with pytest.raises(Problem) as raised:
        condition_of(if_match, if_none_match)
    assert raised.value.slug == "invalid-request"


@pytest.mark.parametrize("key", ["", "a b", "é", "x" * 256, "tab\there"])
def test_an_idempotency_key_is_printable_and_short(key: str) -> None:
    with pytest.raises(Problem):
        idempotency_key_of(key)


def test_an_idempotency_key_may_be_anything_else_or_absent() -> None:
    assert idempotency_key_of(None) is None
    assert idempotency_key_of("8e03978e-40d5-43e8-bc93-6894a57f9324") is not None


@pytest.mark.parametrize("value", ["", "-1", "1.5", "x", "1" * 16, "٣"])
def test_a_last_event_id_is_a_position(value: str) -> None:
    with pytest.raises(Problem):
        last_event_id_of(value)


def test_a_last_event_id_may_be_absent() -> None:
    assert last_event_id_of(None) is None
    assert last_event_id_of("17") == 17
