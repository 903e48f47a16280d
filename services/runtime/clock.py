"""The only place that asks what time it is; a test clock stands still until it is moved."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Final, Protocol

import msgspec

LONGEST_SLEEP: Final = 30.0
"""Seconds. A machine may be suspended or its clock set; no wait trusts one long sleep."""
STEP: Final = timedelta(minutes=1)
"""By how much the machine's time may differ from what has gone by since it was last read."""
DOUBT: Final = 10.0
"""Seconds that a machine whose time has stepped is given to set it right again."""
LOOK_EVERY: Final = 1.0
FIRST: Final = datetime(1900, 1, 1, tzinfo=UTC)
"""No event is of an earlier instant; of the first ones of the year 1, London's time cannot be told."""

_UPTIME: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class ClockGoesBack(Exception):
    """A test clock was told an instant before its own. Choose a later one, or start anew."""

    def __init__(self, now: datetime, asked: datetime) -> None:
        super().__init__(f"The clock stands at {text(now)}; it cannot go back to {text(asked)}.")
        self.now = now
        self.asked = asked


class ClockStepped(Exception):
    """The machine's time stepped and stayed there: the process has to begin anew, with what it says now."""


class ClockSettingError(ValueError):
    """The clock that was asked for cannot be had. The message says what can."""


class Clock(Protocol):
    """What time it is, and how to wait for a time.

    `now()` never goes back. `is_test` is true where time stands still unless somebody moves it.
    """

    @property
    def is_test(self) -> bool:
        """Whether this is a test clock: answers and pages must say so."""

    def now(self) -> datetime:
        """The instant, aware, in UTC."""

    async def wait_until(self, instant: datetime, *, or_set: asyncio.Event | None = None) -> None:
        """Return once `now() >= instant`, or as soon as `or_set` is set, whichever comes first."""

    def stepped_by(self) -> timedelta:
        """By how much the machine's time stepped and was not believed; zero when all is well."""

    async def watch(self) -> None:
        """Run for ever. Raises `ClockStepped` when the machine's time stepped and stayed there."""


class SystemClock:
    """The machine's own time, followed as long as it goes with the seconds that really pass.

    A window that expires is climbed at once and for good, so a step of more than `STEP` is not believed: time
    goes on as if there had been none, until the machine is set right again or `watch` ends the process. What
    the machine says when a process begins is believed.
    """

    is_test: ClassVar[bool] = False

    def __init__(self) -> None:
        self._latest = self._read = datetime.now(UTC)
        self._read_at = _uptime()

    def now(self) -> datetime:
        """The machine's time; where that steps back a little, the latest instant that was already given."""
        machine, uptime = datetime.now(UTC), _uptime()
        expected = self._read + timedelta(seconds=uptime - self._read_at)
        if abs(machine - expected) <= STEP:
            self._read, self._read_at, expected = machine, uptime, machine
        self._latest = max(self._latest, expected)
        return self._latest

    def stepped_by(self) -> timedelta:
        """By how much the machine's time differs from ours, which does not follow it; zero when it does."""
        self.now()
        difference = datetime.now(UTC) - (self._read + timedelta(seconds=_uptime() - self._read_at))
        return difference if abs(difference) > STEP else timedelta(0)

    async def watch(self) -> None:
        """Look every second. Raises `ClockStepped` when a step is still there after `DOUBT` seconds."""
        doubted_since: float | None = None
        while True:
            await asyncio.sleep(LOOK_EVERY)
            step = self.stepped_by()
            doubted_since = (doubted_since or _uptime()) if step else None
            if doubted_since and _uptime() - doubted_since >= DOUBT:
                raise ClockStepped(f"the machine's time stepped by {step}, and stayed there")

    async def wait_until(self, instant: datetime, *, or_set: asyncio.Event | None = None) -> None:
        """Sleep in short stretches until `instant`, or until `or_set` is set."""
        woken = or_set or asyncio.Event()
        while not woken.is_set() and (left := (instant - self.now()).total_seconds()) > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(left, LONGEST_SLEEP)):
                    await woken.wait()


class TestClock:
    """A clock that stands at one instant until `set` moves it forward."""

    is_test: ClassVar[bool] = True
    __test__: ClassVar[bool] = False  # a feature of the product, which pytest would otherwise collect

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)
        self._moved = asyncio.Event()

    def now(self) -> datetime:
        """The instant at which the clock was last set."""
        return self._now

    def set(self, instant: datetime) -> None:
        """Move to `instant` and wake who waits.

        The same instant is no move. Raises `ClockGoesBack`.
        """
        if instant < self._now:
            raise ClockGoesBack(self._now, instant)
        self._now = instant.astimezone(UTC)
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def wait_until(self, instant: datetime, *, or_set: asyncio.Event | None = None) -> None:
        """Wait for `set` to reach `instant`, or until `or_set` is set. Real time plays no part."""
        while self._now < instant and not (or_set and or_set.is_set()):
            await _first_of(self._moved.wait(), *([or_set.wait()] if or_set else []))

    def stepped_by(self) -> timedelta:
        """Nothing: it moves only when it is told to."""
        return timedelta(0)

    async def watch(self) -> None:
        """Wait for ever: there is nothing to see."""
        await asyncio.Event().wait()


def clock_from(setting: str, *, environment: str = "development") -> Clock:
    """Make the clock that `CASELEDGER_CLOCK` names: `system`, or an RFC 3339 instant for a test clock.

    Raises `ClockSettingError` for anything else, and for a test clock in production.
    """
    if setting == "system":
        return SystemClock()
    if environment == "production":
        raise ClockSettingError("CASELEDGER_CLOCK must be `system` in production.")
    try:
        return TestClock(instant_from(setting))
    except ClockSettingError as error:
        raise ClockSettingError(f"{error} Or let the clock be `system`, the machine's own.") from error


def instant_from(written: str) -> datetime:
    """Read an RFC 3339 instant such as `2018-03-29T12:00:00Z`, in UTC. Raises `ClockSettingError`."""
    try:
        instant = msgspec.convert(written, datetime)
    except msgspec.ValidationError as error:
        raise ClockSettingError(
            f"{written!r} is not an RFC 3339 instant; write one such as 2018-03-29T12:00:00Z."
        ) from error
    if instant.tzinfo is None:
        raise ClockSettingError(f"{written!r} has no offset; write {written}Z for UTC.")
    try:
        if (in_utc := instant.astimezone(UTC)) >= FIRST:
            return in_utc
    except OverflowError:
        pass  # in UTC it lies in the year 0 or 10000
    raise ClockSettingError(f"{written!r} lies before the year 1900, or too near the year 10000.")


def text(instant: datetime) -> str:
    """Write an instant as the product does everywhere: RFC 3339, UTC, with a `Z`."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


async def _first_of(*waits: Awaitable[object]) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


def _uptime() -> float:
    """Seconds, suspended ones too where the system counts them, that no setting of the clock changes."""
    return time.clock_gettime(_UPTIME)
