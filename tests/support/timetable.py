"""Write `docs/reference/deadlines.md` from the timescales; `make schemas` does."""

import sys
from collections.abc import Iterator
from typing import Final

from services.domain.timescale import Timescale, Unit
from services.domain.timescales import NOT_TIMED, TIMESCALES

INTRODUCTION: Final = """\
# Deadlines

Generated from `services/domain/timescales.py` by `make schemas`; a test compares.

A deadline is one run of a timer under one rule. Where two documents contradict each other, both rules \
stand, and each sets a deadline of its own: 45 working days and Rutland's forty, 20 working days and the \
checklist's 28 days. A rule sets deadlines for timers that start while it is in force. Whether something was \
done in time is worked out from the date on which it happened, never from that on which it was recorded.

A limit is counted in London dates: the nth working day after the start; the same day some weeks later; the \
same day of a later month, or that month's last day. What is done through the end of the due date is in \
time. A negative limit lies before a meeting: before the day on which it was held, or is now scheduled for.

| state | means |
|---|---|
| `OPEN` | not due yet |
| `DUE_SOON` | the last warning is due, or there is none and it is due today |
| `OVERDUE` | the due date is over; `late_by` says by how much |
| `MET` | done in time |
| `MET_LATE` | done, but late; `late_by` says by how much |
| `LAPSED` | what it was for ended while it was late |
| `UNKNOWN` | it cannot be counted, for a day lies beyond the known calendar |

What ends before its deadline takes it along. `late_by` is in working days for limits in working days, in \
hours for limits in hours, and else in calendar days.

Every deadline is on the [due board](http-projector.md#deadlines), which is asked by state, rule, team and \
worker, and on its case. A practice alert's window and cap stand there with the dates that the ladder gave \
them.

## Rules

| rule | timer | what | limit | warnings | basis | by | starts | stops | since |
|---|---|---|---|---|---|---|---|---|---|"""
WORDS: Final = {
    Unit.HOURS: "hours",
    Unit.CALENDAR_DAYS: "days",
    Unit.WORKING_DAYS: "working days",
    Unit.WEEKS: "weeks",
    Unit.MONTHS: "months",
}


def lines() -> Iterator[str]:
    """The lines of the page."""
    yield INTRODUCTION
    yield from map(_row, TIMESCALES)
    yield "\n## Not timed\n\n| row of the founding documents | why |\n|---|---|"
    yield from (f"| {row} | {why} |" for row, why in NOT_TIMED.items())
    yield ""


def _row(rule: Timescale) -> str:
    warnings = ", ".join(map(str, rule.warn_at)) or "none"
    limit = f"{rule.limit} {WORDS[rule.unit]}"
    since = str(rule.in_force_from or "not said")
    said = (rule.basis.lower(), rule.source, rule.starts, rule.stops, since)
    return f"| `{rule.rule}` | {rule.timer} | {rule.name} | {limit} | {warnings} | {' | '.join(said)} |"


if __name__ == "__main__":
    sys.stdout.write("\n".join(lines()))
