"""What a value is to be is said in words, and names every value that would do."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from msgspec import Meta

from services.ledger.posting import CASE_ID
from services.notifier.api import DELIVERY_ID
from services.runtime.expectations import Limits, expected


class Colour(StrEnum):
    RED = "RED"
    GREEN = "GREEN"


@pytest.mark.parametrize(
    ("annotation", "limits", "words"),
    [
        (Colour, None, "one of RED, GREEN"),
        (Colour | None, Limits(), "one of RED, GREEN"),
        (list[Colour] | None, None, "one of RED, GREEN"),
        (Literal["json", "console"], None, "one of console, json"),
        (bool | None, None, "true or false"),
        (int, Limits(1, 200), "a whole number from 1 to 200"),
        (Annotated[int, Meta(ge=3)], None, "a whole number, at least 3"),
        (float, None, "a number"),
        (date | None, None, "a date such as 2018-03-31"),
        (str, Limits(None, 64), "text, at most 64 characters long"),
        (str, Limits(pattern=CASE_ID), "1 to 64 letters, digits, _ and -, and not office"),
        (str, Limits(pattern=r"^[A-Za-z0-9_.:-]{1,64}$"), "1 to 64 letters, digits, _, ., : and -"),
        (str, Limits(pattern=r"^[^\x00-\x1f\x7f]{1,120}$"), "1 to 120 characters on one line"),
        (str, Limits(pattern="^(ASSESS_45|D-ASSESS)$"), "one of ASSESS_45, D-ASSESS"),
        (str, Limits(pattern=DELIVERY_ID), None),
        (bytes, None, None),
    ],
)
def test_a_type_and_its_limits_are_put_in_words(
    annotation: Any, limits: Limits | None, words: str | None
) -> None:
    assert expected(annotation, limits) == words
