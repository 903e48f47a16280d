"""A law that is looked at for each of many fails for all that break it, and goes through all of them."""

import pytest

from tests.support.law import for_each


def test_everything_that_breaks_a_law_is_named() -> None:
    seen: list[str] = []

    @for_each(["fair", "foul", "fine", "fell"])
    def law(name: str) -> None:
        seen.append(name)
        assert name.startswith("fa") or name.endswith("ne")

    with pytest.raises(ExceptionGroup, match="not so of 2 of 4") as caught:
        law()
    assert [error.__notes__ for error in caught.value.exceptions] == [["of foul"], ["of fell"]]
    assert seen == ["fair", "foul", "fine", "fell"]


def test_a_law_that_holds_is_one_test_under_its_name() -> None:
    @for_each("ab")
    def test_that_it_is_a_letter(name: str) -> None:
        assert name.isalpha()

    test_that_it_is_a_letter()
    assert test_that_it_is_a_letter.__name__ == "test_that_it_is_a_letter"
