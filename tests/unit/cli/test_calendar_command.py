"""`caseledger calendar`: what each of its commands prints, and how it fails."""

import json
import sys
from datetime import date

import pytest
from typer.testing import CliRunner

from services.cli.calendar import app
from services.domain import calendar
from services.domain.calendar import BankHolidays

run = CliRunner().invoke


@pytest.fixture
def _one_holiday_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    published = calendar.published()
    most = tuple(holiday for holiday in published.events if holiday.date != date(2022, 9, 19))
    document = {name: getattr(published, name) for name in BankHolidays.__struct_fields__}
    lacking = BankHolidays(**(document | {"events": most}))
    monkeypatch.setattr(calendar, "published", lambda: lacking)


def test_due_counts_each_working_day_and_says_why_it_skips_one() -> None:
    answer = run(app, ["due", "2021-12-24"])
    assert answer.exit_code == 0
    assert "Due Wednesday 2022-01-05: 5 working days from Friday 2021-12-24" in answer.stdout
    assert "Boxing Day" in answer.stdout


def test_due_prints_json_for_a_script() -> None:
    answer = json.loads(run(app, ["due", "2018-01-05", "1", "--json"]).stdout)
    assert answer["due"] == "2018-01-08"
    assert answer["days"] == [
        {"date": "2018-01-06", "counted": None, "skipped": "Saturday"},
        {"date": "2018-01-07", "counted": None, "skipped": "Sunday"},
        {"date": "2018-01-08", "counted": 1, "skipped": None},
    ]


def test_due_counts_back_when_asked_for_less_than_no_days() -> None:
    answer = json.loads(run(app, ["due", "2018-04-03", "-1", "--json"]).stdout)
    assert answer["due"] == "2018-03-29"
    assert [day["skipped"] for day in answer["days"]] == [
        "Easter Monday",
        "Sunday",
        "Saturday",
        "Good Friday",
        None,
    ]


def test_due_beyond_the_calendar_fails_and_names_the_last_year() -> None:
    answer = run(app, ["due", "2028-12-29"])
    assert answer.exit_code == 2
    assert "2028" in answer.stderr
    assert "newer bank holidays" in " ".join(answer.stderr.replace("│", " ").split())


def test_show_lists_the_bank_holidays_of_a_year() -> None:
    answer = run(app, ["show", "2022"])
    assert answer.exit_code == 0
    assert "2022-09-19" in answer.stdout
    assert "2023-01-02" not in answer.stdout
    assert "Open Government Licence" in answer.stdout


def test_show_without_a_year_sums_up_each() -> None:
    answer = run(app, ["show"])
    assert all(str(year) in answer.stdout for year in range(2012, 2029))


def test_show_prints_all_of_them_as_json() -> None:
    answer = json.loads(run(app, ["show", "--json"]).stdout)
    assert len(answer["bank_holidays"]) == 140
    assert answer["version"] == calendar.england_and_wales().version


def test_show_of_an_unknown_year_fails_and_names_the_known_ones() -> None:
    answer = run(app, ["show", "2031"])
    assert answer.exit_code == 2
    assert "2012 to 2028" in answer.stderr


def test_check_finds_no_difference_between_the_vendored_data_and_another_package() -> None:
    answer = run(app, ["check"])
    assert answer.exit_code == 0
    assert "Differences: 0" in answer.stdout


@pytest.mark.usefixtures("_one_holiday_missing")
def test_check_fails_and_shows_a_day_that_only_one_of_them_knows() -> None:
    answer = run(app, ["check"])
    assert answer.exit_code == 1
    assert "2022-09-19" in answer.stdout
    machine = run(app, ["check", "--json"])
    assert machine.exit_code == 1
    assert json.loads(machine.stdout)["counts"] == {"published": 139, "holidays": 140}


def test_check_without_the_other_package_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "holidays", None)
    answer = run(app, ["check"])
    assert answer.exit_code == 1
    assert "pip install holidays" in answer.stderr
