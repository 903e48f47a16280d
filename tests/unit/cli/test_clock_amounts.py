"""What an amount of time means to `caseledger clock advance`."""

from datetime import UTC, datetime

import pytest
import typer

from services.cli.clock import later


@pytest.mark.parametrize(
    ("now", "amount", "then"),
    [
        ("2017-10-02T09:00:00Z", "5wd", "2017-10-09T09:00:00Z"),
        ("2018-03-29T11:00:00Z", "1wd", "2018-04-03T11:00:00Z"),  # over Easter
        ("2018-03-24T09:00:00Z", "1d", "2018-03-25T08:00:00Z"),  # clocks go forward: still nine in London
        ("2018-03-24T09:00:00Z", "24h", "2018-03-25T09:00:00Z"),
        ("2018-10-27T23:30:00Z", "1d", "2018-10-29T00:30:00Z"),  # half past midnight on the 28th, in London
        ("2018-03-24T09:00:00Z", "90m", "2018-03-24T10:30:00Z"),
    ],
)
def test_days_keep_the_time_of_day_in_london_and_hours_are_hours(now: str, amount: str, then: str) -> None:
    assert later(datetime.fromisoformat(now), amount) == datetime.fromisoformat(then)


@pytest.mark.parametrize("amount", ["", "5", "wd", "-1d", "1.5h", "5wd2h", "99999wd"])
def test_anything_else_is_refused(amount: str) -> None:
    with pytest.raises(typer.BadParameter):
        later(datetime(2018, 3, 29, tzinfo=UTC), amount)
