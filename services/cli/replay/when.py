"""The days and instants that people write, and what was asked in words: always London's."""

import re
from datetime import date, datetime, timedelta

import typer

from services.cli.terminal import in_words
from services.domain import calendar
from services.domain.as_at import AsAt
from services.runtime.clock import ClockSettingError, instant_from

WRITTEN = "an instant, or a London date, which means the end of that day"


def end_of(written: str) -> datetime:
    """An instant as it is; a date as the last moment of that day in London."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", written):
        try:
            following = date.fromisoformat(written) + timedelta(days=1)
        except (ValueError, OverflowError) as error:
            raise typer.BadParameter(f"there is no day {written}") from error
        return calendar.london_midnight(following) - timedelta(microseconds=1)
    try:
        return instant_from(written)
    except ClockSettingError as error:
        raise typer.BadParameter(
            f"{written!r} is neither: write a London date such as 2018-04-16, or an instant such as "
            f"2018-04-16T12:00:00Z"
        ) from error


def asked(known_at: str | None, as_at: str | None) -> AsAt:
    """What the two options ask."""
    return AsAt(
        recorded_until=end_of(known_at) if known_at else None,
        occurred_until=end_of(as_at) if as_at else None,
    )


def sides(first: str, second: str, known: datetime | None) -> tuple[AsAt, AsAt]:
    """What is asked of each of two days: what was known on it, or how it was, as known at an instant."""
    days = end_of(first), end_of(second)
    if days[1] < days[0]:
        raise typer.BadParameter(f"--between wants the earlier day first, and {second} is before {first}")
    if known is None:
        return AsAt(recorded_until=days[0]), AsAt(recorded_until=days[1])
    return (
        AsAt(recorded_until=known, occurred_until=days[0]),
        AsAt(recorded_until=known, occurred_until=days[1]),
    )


def in_plain(question: AsAt) -> str:
    """What was asked, within a sentence; nothing if it is the present."""
    known = f"as known at {in_words(question.recorded_until)}" if question.recorded_until else ""
    if not question.occurred_until:
        return known
    return f"how it was at {in_words(question.occurred_until)}, {known or 'as is known now'}"


def compared(sides: tuple[AsAt, AsAt]) -> str:
    """What is compared, as a title."""
    first, second = sides
    if first.occurred_until and second.occurred_until:
        known = f"as known on {minute(first.recorded_until)}" if first.recorded_until else "as is known now"
        return f"From {minute(first.occurred_until)} to {minute(second.occurred_until)}, {known}"
    ends = [minute(side.recorded_until) for side in sides if side.recorded_until]
    return f"From {' to '.join(ends)}, as was known on each"


def minute(instant: datetime) -> str:
    """An instant as London's clocks and calendars show it, short."""
    local = calendar.in_london(instant)
    return f"{local:%a} {local.day} {local:%b %Y %H:%M}"
