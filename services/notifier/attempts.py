"""How often a message is tried, and when again: by the clock, without chance, the same for every notifier."""

from datetime import datetime, timedelta
from typing import Final

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)

PAUSES: Final = (MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, 6 * HOUR, 12 * HOUR)
"""After the first attempt, the second …; whoever fails once more than there are pauses is given up."""

PASSING_HTTP: Final = frozenset({"HTTP_408", "HTTP_425", "HTTP_429"})
PASSING: Final = ("SMTP_4", "HTTP_5", "SMTP_UNREACHABLE", "HTTP_UNREACHABLE")


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts; the last pause for all beyond."""
    return PAUSES[min(attempts, len(PAUSES)) - 1]


def again_at(attempts: int, error: str, tried_at: datetime) -> datetime | None:
    """When to try again after a failure; `None` when it is of no use, or was tried often enough."""
    if attempts > len(PAUSES) or not may_pass(error):
        return None
    return tried_at + pause_after(attempts)


def may_pass(error: str) -> bool:
    """Whether what a channel said may be otherwise next time: a server that is away, busy or broken."""
    return error in PASSING_HTTP or error.startswith(PASSING)
