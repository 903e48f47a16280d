"""Clocks: the machine's, and one that stands still until it is moved."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from services.runtime import clock as clock_module
from services.runtime.clock import (
    ClockGoesBack,
    ClockSettingError,
    ClockStepped,
    SystemClock,
    TestClock,
    clock_from,
    instant_from,
    text,
)

NOON = datetime(2018, 3, 29, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_a_test_clock_stands_still() -> None:
    clock = TestClock(NOON)
    assert clock.is_test
    assert clock.now() == clock.now() == NOON


def test_a_test_clock_moves_forward() -> None:
    clock = TestClock(NOON)
    clock.set(NOON + HOUR)
    assert clock.now() == NOON + HOUR


def test_a_test_clock_may_be_told_the_same_instant_again() -> None:
    clock = TestClock(NOON)
    clock.set(NOON)
    assert clock.now() == NOON


def test_a_test_clock_does_not_go_back() -> None:
    clock = TestClock(NOON)
    with pytest.raises(ClockGoesBack, match="2018-03-29T12:00:00Z"):
        clock.set(NOON - HOUR)
    assert clock.now() == NOON


async def test_setting_a_test_clock_wakes_who_waits_for_that_instant() -> None:
    clock = TestClock(NOON)
    waiting = [asyncio.create_task(clock.wait_until(NOON + HOUR * hours)) for hours in (1, 2, 3)]
    await settled()
    clock.set(NOON + HOUR * 2)
    await asyncio.gather(*waiting[:2])
    await settled()
    assert not waiting[2].done()
    clock.set(NOON + HOUR * 3)
    await waiting[2]


async def test_an_instant_that_has_come_is_not_waited_for() -> None:
    await TestClock(NOON).wait_until(NOON)
    await SystemClock().wait_until(NOON)


@pytest.mark.parametrize("clock", [TestClock(NOON), SystemClock()])
async def test_a_wait_ends_early_when_the_event_is_set(clock: TestClock | SystemClock) -> None:
    event = asyncio.Event()
    waiting = asyncio.create_task(clock.wait_until(clock.now() + HOUR, or_set=event))
    await settled()
    assert not waiting.done()
    event.set()
    await waiting


async def test_a_cancelled_wait_leaves_no_task_behind() -> None:
    before = asyncio.all_tasks()
    waiting = asyncio.create_task(TestClock(NOON).wait_until(NOON + HOUR, or_set=asyncio.Event()))
    await settled()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await settled()
    assert asyncio.all_tasks() == before


async def test_the_system_clock_waits_for_an_instant() -> None:
    clock = SystemClock()
    instant = clock.now() + timedelta(milliseconds=20)
    await clock.wait_until(instant)
    assert clock.now() >= instant


def test_the_system_clock_is_aware_and_in_utc() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)
    assert not SystemClock().is_test


def test_the_system_clock_does_not_go_back_when_the_machine_does() -> None:
    with time_machine.travel(NOON, tick=False) as machine:
        clock = SystemClock()
        machine.shift(SECOND * 30)
        first = clock.now()
        machine.shift(-SECOND * 20)
        assert clock.now() == first == NOON + SECOND * 30
        assert not clock.stepped_by()


@pytest.mark.parametrize("step", [HOUR * 24 * 40, SECOND * 61, -SECOND * 61, -HOUR * 24])
def test_a_step_of_the_machines_time_is_not_believed_and_one_that_is_taken_back_was_none(
    step: timedelta,
) -> None:
    with time_machine.travel(NOON, tick=False) as machine:
        clock = SystemClock()
        machine.shift(step)
        assert NOON <= clock.now() < NOON + SECOND
        assert abs(clock.stepped_by() - step) < SECOND
        machine.shift(-step)
        assert not clock.stepped_by()
        assert NOON <= clock.now() < NOON + SECOND


async def test_a_step_that_stays_ends_the_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_module, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(clock_module, "DOUBT", 0.05)
    with time_machine.travel(NOON, tick=False) as machine:
        clock = SystemClock()
        watching = asyncio.create_task(clock.watch())
        await asyncio.wait([watching], timeout=0.1)
        assert not watching.done()
        machine.shift(HOUR)
        with pytest.raises(ClockStepped, match=r"1:00:00|0:59:59"):
            await watching


def test_the_setting_names_the_clock() -> None:
    assert isinstance(clock_from("system"), SystemClock)
    assert clock_from("2018-03-29T13:00:00+01:00").now() == NOON


def test_production_refuses_a_test_clock() -> None:
    assert isinstance(clock_from("system", environment="production"), SystemClock)
    with pytest.raises(ClockSettingError, match="production"):
        clock_from("2018-03-29T12:00:00Z", environment="production")


@pytest.mark.parametrize(
    "written",
    [
        "noon",
        "2018-03-29",
        "2018-03-29T12:00:00",
        "",
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
    ],
)
def test_what_is_not_an_instant_is_refused(written: str) -> None:
    with pytest.raises(ClockSettingError):
        instant_from(written)


def test_only_the_setting_speaks_of_the_machine_s_clock() -> None:
    with pytest.raises(ClockSettingError, match="`system`"):
        clock_from("noon")
    with pytest.raises(ClockSettingError) as refused:
        instant_from("noon")
    assert "system" not in str(refused.value)


def test_an_instant_is_written_with_a_z() -> None:
    assert text(NOON) == "2018-03-29T12:00:00Z"
    assert instant_from(text(NOON)) == NOON
