"""Working days: the published examples, the edges of London time, and an independent count of every day."""

import pickle
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import ValidationError

from services.domain import calendar
from services.domain.calendar import (
    BeyondCalendar,
    Calendar,
    add_months,
    add_working_days,
    england_and_wales,
    is_working_day,
    london_date,
    london_midnight,
    london_time,
    whole_working_day_passed,
    with_closure_days,
    working_days_between,
)

KNOWN = england_and_wales()
MOST = 45
# Far enough from both ends that no count of up to MOST working days leaves the calendar.
DAYS = st.dates(date(2012, 4, 1), date(2028, 9, 30))
COUNTS = st.integers(-MOST, MOST)


@pytest.fixture(scope="module")
def independent() -> list[date]:
    """Every working day of the known years, from another package's bank holidays, by walking the days."""
    closed = holidays.country_holidays("GB", subdiv="ENG", years=range(2012, 2029))
    found = []
    day = date(2012, 1, 1)
    while day.year < 2029:
        if day.strftime("%a") not in {"Sat", "Sun"} and day not in closed:
            found.append(day)
        day += timedelta(days=1)
    return found


@pytest.mark.parametrize(
    ("recorded", "due"),
    [
        pytest.param("2017-10-02T12:00:00Z", date(2017, 10, 9), id="a Monday"),
        pytest.param("2018-06-16T12:00:00Z", date(2018, 6, 22), id="a Saturday"),
        pytest.param("2018-06-14T23:30:00Z", date(2018, 6, 22), id="Thursday in UTC, Friday in London"),
        pytest.param("2018-03-30T12:00:00Z", date(2018, 4, 9), id="Good Friday"),
        pytest.param("2021-12-24T12:00:00Z", date(2022, 1, 5), id="Christmas Eve"),
        pytest.param("2022-09-16T12:00:00Z", date(2022, 9, 26), id="before the State Funeral"),
    ],
)
def test_five_working_days_from_the_moment_of_recording_end_on_the_published_date(
    recorded: str, due: date
) -> None:
    assert add_working_days(london_date(datetime.fromisoformat(recorded)), 5, KNOWN) == due


def test_the_whole_ladder_from_2_october_2017_reaches_the_cap_at_twenty_working_days() -> None:
    day, ladder = date(2017, 10, 2), []
    for _ in range(5):
        day = add_working_days(day, 5, KNOWN)
        ladder.append(day)
    assert ladder == [
        date(2017, 10, 9),
        date(2017, 10, 16),
        date(2017, 10, 23),
        date(2017, 10, 30),
        date(2017, 11, 6),
    ]
    assert add_working_days(date(2017, 10, 2), 20, KNOWN) == date(2017, 10, 30)


@pytest.mark.parametrize(
    "day",
    [
        date(2012, 6, 4),
        date(2012, 6, 5),
        date(2020, 5, 8),
        date(2022, 6, 2),
        date(2022, 6, 3),
        date(2022, 9, 19),
        date(2023, 5, 8),
        date(2021, 12, 27),
        date(2021, 12, 28),
        date(2022, 1, 3),
    ],
)
def test_a_one_off_or_substitute_bank_holiday_is_not_a_working_day(day: date) -> None:
    assert day.weekday() < 5
    assert not is_working_day(day, KNOWN)


def test_the_early_may_monday_of_2020_was_a_working_day_because_the_holiday_had_moved() -> None:
    assert is_working_day(date(2020, 5, 4), KNOWN)


def test_a_weekend_is_not_working_days() -> None:
    assert not is_working_day(date(2018, 6, 16), KNOWN)
    assert not is_working_day(date(2018, 6, 17), KNOWN)


def test_no_working_days_after_a_day_is_the_day_itself_even_on_a_weekend() -> None:
    assert add_working_days(date(2018, 6, 16), 0, KNOWN) == date(2018, 6, 16)


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [
        (date(2018, 6, 15), -3, date(2018, 6, 12)),
        (date(2018, 6, 16), -1, date(2018, 6, 15)),
        (date(2018, 4, 3), -1, date(2018, 3, 29)),
    ],
)
def test_a_negative_count_goes_back(day: date, n: int, expected: date) -> None:
    assert add_working_days(day, n, KNOWN) == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (date(2017, 10, 2), date(2017, 10, 2), 0),
        (date(2017, 10, 2), date(2017, 10, 30), 20),
        (date(2018, 3, 29), date(2018, 4, 2), 0),
        (date(2017, 10, 30), date(2017, 10, 2), -20),
    ],
)
def test_days_between_leave_out_the_start_and_include_the_end(start: date, end: date, expected: int) -> None:
    assert working_days_between(start, end, KNOWN) == expected


@pytest.mark.parametrize(
    ("after", "before", "passed"),
    [
        pytest.param(date(2018, 3, 29), date(2018, 4, 3), False, id="all of Easter"),
        pytest.param(date(2018, 3, 29), date(2018, 4, 4), True, id="Easter and the Tuesday"),
        pytest.param(date(2018, 6, 11), date(2018, 6, 12), False, id="neighbours"),
        pytest.param(date(2018, 6, 11), date(2018, 6, 13), True, id="one day between"),
        pytest.param(date(2018, 6, 11), date(2018, 6, 11), False, id="the same day"),
        pytest.param(date(2018, 6, 13), date(2018, 6, 11), False, id="backwards"),
    ],
)
def test_a_whole_working_day_has_passed_only_strictly_between(
    after: date, before: date, *, passed: bool
) -> None:
    assert whole_working_day_passed(after, before, KNOWN) is passed


def test_closure_days_are_not_counted_and_change_the_version() -> None:
    closed = with_closure_days(KNOWN, [date(2017, 10, 4), date(2017, 10, 7)])
    assert not is_working_day(date(2017, 10, 4), closed)
    assert add_working_days(date(2017, 10, 2), 5, closed) == date(2017, 10, 10)
    assert closed.version.startswith(f"{KNOWN.version}+closures.")
    assert is_working_day(date(2017, 10, 4), KNOWN)


def test_the_version_depends_on_which_days_are_closed_and_not_on_how_they_were_told() -> None:
    first, second = date(2017, 10, 4), date(2017, 10, 5)
    at_once = with_closure_days(KNOWN, [second, first])
    assert at_once == with_closure_days(with_closure_days(KNOWN, [first]), [second])
    assert at_once.version != with_closure_days(KNOWN, [first]).version
    assert with_closure_days(KNOWN, []) == KNOWN
    assert with_closure_days(at_once, []) == at_once


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ("2018-01-15T23:59:59Z", date(2018, 1, 15)),
        ("2018-06-14T22:59:59Z", date(2018, 6, 14)),
        ("2018-06-14T23:00:00Z", date(2018, 6, 15)),
        ("2018-06-15T02:00:00+03:00", date(2018, 6, 15)),
        ("2018-03-25T00:30:00Z", date(2018, 3, 25)),
        ("2018-03-25T23:00:00Z", date(2018, 3, 26)),
        ("2018-10-27T23:00:00Z", date(2018, 10, 28)),
        ("2018-10-28T23:30:00Z", date(2018, 10, 28)),
    ],
)
def test_the_date_in_london_follows_its_clocks(instant: str, expected: date) -> None:
    assert london_date(datetime.fromisoformat(instant)) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        pytest.param(date(2018, 3, 25), "2018-03-25T00:00:00Z", id="clocks go forward"),
        pytest.param(date(2018, 3, 26), "2018-03-25T23:00:00Z", id="the day after"),
        pytest.param(date(2018, 10, 28), "2018-10-27T23:00:00Z", id="clocks go back"),
        pytest.param(date(2018, 10, 29), "2018-10-29T00:00:00Z", id="the day after that"),
    ],
)
def test_midnight_in_london_is_an_instant_in_utc(day: date, expected: str) -> None:
    midnight = london_midnight(day)
    assert midnight == datetime.fromisoformat(expected)
    assert midnight.tzinfo is UTC


@pytest.mark.parametrize(
    ("day", "at", "expected"),
    [
        pytest.param(date(2018, 6, 15), time(9), "2018-06-15T08:00:00Z", id="summer"),
        pytest.param(date(2018, 1, 15), time(9), "2018-01-15T09:00:00Z", id="winter"),
        pytest.param(date(2018, 10, 28), time(1, 30), "2018-10-28T00:30:00Z", id="the first 01:30"),
        pytest.param(date(2018, 10, 28), time(1, 30, fold=1), "2018-10-28T01:30:00Z", id="the second 01:30"),
        pytest.param(date(2018, 3, 25), time(1, 30), "2018-03-25T01:30:00Z", id="01:30 was skipped"),
    ],
)
def test_a_time_in_london_is_an_instant_in_utc(day: date, at: time, expected: str) -> None:
    assert london_time(day, at) == datetime.fromisoformat(expected)


def test_the_last_second_of_the_due_date_is_in_time_and_the_next_one_is_not() -> None:
    due = date(2018, 6, 22)
    assert london_date(london_time(due, time(23, 59, 59))) == due
    assert london_date(london_midnight(due + timedelta(days=1))) > due


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [
        (date(2018, 11, 30), 3, date(2019, 2, 28)),
        (date(2019, 11, 30), 3, date(2020, 2, 29)),
        (date(2018, 8, 31), 6, date(2019, 2, 28)),
        (date(2018, 10, 31), 12, date(2019, 10, 31)),
        (date(2020, 2, 29), 12, date(2021, 2, 28)),
        (date(2018, 12, 15), 1, date(2019, 1, 15)),
        (date(2018, 3, 31), -1, date(2018, 2, 28)),
        (date(2018, 1, 15), -1, date(2017, 12, 15)),
        (date(2018, 1, 15), 0, date(2018, 1, 15)),
    ],
)
def test_months_keep_the_day_of_the_month_or_end_with_the_month(day: date, n: int, expected: date) -> None:
    assert add_months(day, n) == expected


def test_counting_past_the_last_known_year_names_it() -> None:
    assert add_working_days(date(2028, 12, 28), 1, KNOWN) == date(2028, 12, 29)
    with pytest.raises(BeyondCalendar, match="2012 to 2028") as caught:
        add_working_days(date(2028, 12, 28), 2, KNOWN)
    error = caught.value
    assert (error.day, error.first_year, error.last_year, error.version) == (
        date(2028, 12, 28),
        2012,
        2028,
        KNOWN.version,
    )


def test_counting_back_past_the_first_known_year_is_refused_too() -> None:
    assert add_working_days(date(2012, 1, 4), -1, KNOWN) == date(2012, 1, 3)
    with pytest.raises(BeyondCalendar):
        add_working_days(date(2012, 1, 4), -2, KNOWN)


@pytest.mark.parametrize("outside", [date(2011, 12, 31), date(2029, 1, 1)])
def test_no_question_about_an_unknown_day_is_answered(outside: date) -> None:
    inside = date(2018, 6, 15)
    with pytest.raises(BeyondCalendar):
        is_working_day(outside, KNOWN)
    with pytest.raises(BeyondCalendar):
        add_working_days(outside, 0, KNOWN)
    with pytest.raises(BeyondCalendar):
        working_days_between(outside, inside, KNOWN)
    with pytest.raises(BeyondCalendar):
        working_days_between(inside, outside, KNOWN)
    with pytest.raises(BeyondCalendar):
        whole_working_day_passed(inside, outside, KNOWN)


def test_the_error_survives_the_way_from_one_process_to_another() -> None:
    error = BeyondCalendar(date(2029, 1, 2), KNOWN)
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.last_year) == (str(error), 2028)


def test_an_instant_is_not_taken_for_a_date() -> None:
    instant = datetime(2018, 6, 14, 23, 30, tzinfo=UTC)
    with pytest.raises(TypeError, match="london_date"):
        add_working_days(instant, 5, KNOWN)
    with pytest.raises(TypeError, match="london_date"):
        london_midnight(instant)
    with pytest.raises(TypeError, match="london_date"):
        add_months(instant, 1)


def test_an_instant_without_an_offset_has_no_date_in_london() -> None:
    with pytest.raises(ValueError, match="offset"):
        london_date(datetime(2018, 6, 14, 23, 30))  # noqa: DTZ001 - the missing offset is the point


def test_the_vendored_data_says_where_it_is_from_and_when() -> None:
    published = calendar.published()
    assert published.source == "https://www.gov.uk/bank-holidays.json"
    assert "Open Government Licence" in published.licence
    assert KNOWN.version == published.retrieved.isoformat()
    assert (KNOWN.first_day, KNOWN.last_day) == (date(2012, 1, 1), date(2028, 12, 31))
    assert all(one.date < next_one.date for one, next_one in pairwise(published.events))


def test_data_with_a_date_that_is_none_is_refused() -> None:
    with pytest.raises(ValidationError):
        calendar.load(b'{"source": "", "publisher": "", "licence": "", "copy": "", "retrieved": "yesterday"}')


def test_every_count_to_45_from_every_day_agrees_with_an_independent_one(independent: list[date]) -> None:
    day, passed = date(2012, 1, 1), 0
    while day.year < 2029:
        while passed < len(independent) and independent[passed] <= day:
            passed += 1
        expected = [day, *independent[passed : passed + MOST]]
        assert [add_working_days(day, n, KNOWN) for n in range(len(expected))] == expected, day
        if len(expected) <= MOST:
            with pytest.raises(BeyondCalendar):
                add_working_days(day, len(expected), KNOWN)
        day += timedelta(days=1)


def test_every_count_back_to_45_from_every_day_agrees_with_an_independent_one(
    independent: list[date],
) -> None:
    day, left = date(2028, 12, 31), len(independent)
    while day.year > 2011:
        while left > 0 and independent[left - 1] >= day:
            left -= 1
        expected = [day, *reversed(independent[max(left - MOST, 0) : left])]
        assert [add_working_days(day, -n, KNOWN) for n in range(len(expected))] == expected, day
        if len(expected) <= MOST:
            with pytest.raises(BeyondCalendar):
                add_working_days(day, -len(expected), KNOWN)
        day -= timedelta(days=1)


def test_every_known_day_is_working_or_not_as_in_an_independent_calendar(independent: list[date]) -> None:
    days = [KNOWN.first_day + timedelta(days=n) for n in range((KNOWN.last_day - KNOWN.first_day).days + 1)]
    assert [day for day in days if is_working_day(day, KNOWN)] == independent


@given(DAYS, COUNTS)
def test_a_count_ends_on_a_working_day_that_many_away(day: date, n: int) -> None:
    end = add_working_days(day, n, KNOWN)
    if n > 0:
        assert working_days_between(day, end, KNOWN) == n
    if n != 0:
        assert is_working_day(end, KNOWN)
        assert (end > day) == (n > 0)


@given(DAYS, st.integers(0, 20), st.integers(1, 25))
def test_counting_in_two_steps_is_counting_once(day: date, first: int, second: int) -> None:
    stepped = add_working_days(add_working_days(day, first, KNOWN), second, KNOWN)
    assert stepped == add_working_days(day, first + second, KNOWN)


@given(DAYS, DAYS, st.integers(0, MOST))
def test_a_later_start_is_never_due_earlier(one: date, other: date, n: int) -> None:
    early, late = sorted([one, other])
    assert add_working_days(early, n, KNOWN) <= add_working_days(late, n, KNOWN)


@given(DAYS, DAYS)
def test_days_between_are_those_one_would_count(one: date, other: date) -> None:
    early, late = sorted([one, other])
    each = (early + timedelta(days=n) for n in range(1, (late - early).days + 1))
    counted = sum(is_working_day(day, KNOWN) for day in each)
    assert working_days_between(early, late, KNOWN) == counted
    assert working_days_between(late, early, KNOWN) == -counted


@given(DAYS, st.integers(0, MOST), st.sets(DAYS, max_size=20))
def test_closure_days_never_bring_a_due_date_forward(day: date, n: int, closed: set[date]) -> None:
    less: Calendar = with_closure_days(KNOWN, closed)
    assert add_working_days(day, n, less) >= add_working_days(day, n, KNOWN)


@given(st.dates(date(2012, 1, 1), date(2099, 12, 30)))
def test_a_london_day_starts_at_its_midnight_and_lasts_until_the_next(day: date) -> None:
    start, end = london_midnight(day), london_midnight(day + timedelta(days=1))
    assert london_date(start) == london_date(end - timedelta(microseconds=1)) == day
    assert timedelta(hours=23) <= end - start <= timedelta(hours=25)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(-600, 600))
def test_months_added_land_in_that_month_and_never_on_a_later_day(day: date, n: int) -> None:
    landed = add_months(day, n)
    assert (landed.year * 12 + landed.month) - (day.year * 12 + day.month) == n
    assert landed.day == day.day or (landed.day < day.day and (landed + timedelta(days=1)).day == 1)
