"""What `caseledger replay` shows, and what it says to somebody who asked for something else."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
import typer

from services.cli.__main__ import in_full
from services.cli.replay import _end_of, _Line, _row
from services.cli.terminal import in_words
from services.runtime.client import Declined

MIDNIGHT_IN_LONDON = datetime(2018, 4, 9, 23, tzinfo=UTC)


def line(**said: Any) -> _Line:
    document = {"position": 9, "caseversion": 5, "type": "X", "time": MIDNIGHT_IN_LONDON, **said}
    return msgspec.convert({"recordedat": MIDNIGHT_IN_LONDON, **document}, _Line)


def test_the_hours_are_london_s() -> None:
    assert _row(line())[2:4] == ["2018-04-10 00:00"] * 2


@pytest.mark.parametrize(
    ("said", "by"),
    [
        ({"actor": "hos:cleo", "data": {"by": "iro:17"}}, "hos:cleo"),
        ({"data": {"raised_by": "iro:17"}}, "iro:17"),
        ({"data": {"responder": "hos:cleo"}}, "hos:cleo"),
        ({"data": {"by": "iro:17"}}, "iro:17"),
        ({"data": {}}, ""),
    ],
)
def test_who_did_it_is_the_actor_or_whom_the_event_names(said: dict[str, Any], by: str) -> None:
    assert line(**said).by == by


def test_a_date_is_the_end_of_that_day_in_london() -> None:
    assert _end_of("2018-04-09") < MIDNIGHT_IN_LONDON < _end_of("2018-04-10")
    assert _end_of("2018-04-09T23:00:00Z") == MIDNIGHT_IN_LONDON


@pytest.mark.parametrize("written", ["16/04/2018", "yesterday", "2018-04-16T12:00:00"])
def test_anything_else_is_refused_with_an_example_of_each(written: str) -> None:
    with pytest.raises(typer.BadParameter) as refused:
        _end_of(written)
    assert "London date such as 2018-04-16, or an instant such as 2018-04-16T12:00:00Z" in str(refused.value)
    assert "system" not in str(refused.value)


def test_a_day_that_there_is_not_is_refused() -> None:
    with pytest.raises(typer.BadParameter, match="there is no day 2018-02-30"):
        _end_of("2018-02-30")


def test_an_instant_is_said_in_london_time_with_the_weekday_of_that() -> None:
    assert in_words(MIDNIGHT_IN_LONDON) == "Tuesday 10 April 2018 00:00 (2018-04-09T23:00:00Z)"


def test_what_the_ledger_declines_is_said_with_every_fault() -> None:
    faults = [{"parameter": "case_id", "message": "does not match"}, {"message": "is odd"}]
    declined = Declined(400, "invalid-request", "Correct each fault that is named.", {"faults": faults})
    assert in_full(declined).splitlines() == [
        "the ledger answered 400 invalid-request: Correct each fault that is named.",
        "  case_id: does not match",
        "  request: is odd",
    ]
