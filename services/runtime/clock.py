"""The only place that asks what time it is; a test clock stands still until it is moved."""

import asyncio
import contextlib
from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import ClassVar, Final, Protocol

import msgspec

LONGEST_SLEEP: Final = 30.0
"""Seconds. A machine may be suspended or its clock set; no wait trusts one long sleep."""


class ClockGoesBack(Exception):
    """A test clock was told an instant before its own. Choose a later one, or start anew."""

    def __init__(self, now: datetime, asked: datetime) -> None:
        super().__init__(f"The clock stands at {text(now)}; it cannot go back to {text(asked)}.")
        self.now = now
        self.asked = asked


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


class SystemClock:
    """The machine's own time."""

    is_test: ClassVar[bool] = False

    def __init__(self) -> None:
        self._latest = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        """The machine's time; where that steps back, the latest instant that was already given."""
        self._latest = max(self._latest, datetime.now(UTC))
        return self._latest

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
    return instant.astimezone(UTC)


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
