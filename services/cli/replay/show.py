"""Print steps and standings for somebody who reads: in London's days and hours, in 80 columns too."""

import contextlib
import sys
from collections.abc import Iterable, Iterator
from typing import Final

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from services.cli.replay import change
from services.cli.replay.change import Change, Kind
from services.cli.replay.reading import Difference
from services.cli.replay.standing import Standing
from services.cli.replay.steps import Step
from services.cli.replay.when import minute
from services.domain import calendar
from services.domain.deadlines import DeadlineState

_NARROW, _WIDE = 80, 100  # columns: prose is read in neither more nor, where nobody says, fewer
_STYLES: Final = {Kind.STATUS: "cyan", Kind.LADDER: "magenta", Kind.DEADLINE: "yellow", Kind.VOIDED: "red"}
_LABEL: Final = len("meanwhile")
_DATE: Final = len("Wed 27 Sep 2017 10:00")
_OPEN: Final = (DeadlineState.OVERDUE, DeadlineState.DUE_SOON, DeadlineState.OPEN)


class Printer:
    """Writes on stdout; a reader that has gone away is no reason to fail."""

    def __init__(self) -> None:
        width = min(Console().width, _WIDE) if sys.stdout.isatty() else _NARROW
        self._console = Console(markup=False, highlight=False, width=width)

    def show_step(self, step: Step) -> None:
        """One event: when, what, by whom, and what it changed."""
        for each in step.passed:
            self._print(_line("meanwhile", each.text, "yellow"))
        self._print(
            Text(f"{step.entry.header.caseversion}. {minute(step.entry.header.recordedat)}", style="bold")
        )
        struck = "strike" if step.entry.voided else ""
        self._print(Padding(Text(step.entry.sentence, style=struck), (0, 0, 0, 3)))
        self._print(Padding(Text("; ".join(_particulars(step)), style="dim"), (0, 0, 0, 3)))
        self.show_changes(step.changes)
        self._print(Text())

    def show_difference(self, difference: Difference) -> None:
        """What changed, and the events that only the second of the two moments has."""
        self.show_changes(difference.changes)
        if not difference.changes:
            self._print(_line("", "Nothing changed in status, ladder or deadlines.", "dim"))
        self._print(Text())
        if not difference.added:
            self.show_title("No event came in between")
            return
        self.show_title("What came in between, and when it happened")
        for each in difference.added:
            told = Text(each.sentence, style="strike" if each.voided else "")
            self._print(_row(minute(each.happened), told, "dim", _DATE))

    def show_changes(self, changes: Iterable[Change]) -> None:
        """Each change on a line that begins with what it is of."""
        for each in changes:
            self._print(_line(each.kind, each.text, _STYLES[each.kind]))

    def show_standing(self, standing: Standing) -> None:
        """Where the case stands: what is settled is left out, but for alerts."""
        self._print(_line("status", change.status(standing), _STYLES[Kind.STATUS]))
        on = calendar.london_date(standing.moment)
        for alert_id, row in standing.alerts.items():
            self._print(_line("ladder", f"{alert_id}: {change.alert(row, on)}", _STYLES[Kind.LADDER]))
        for each in standing.deadlines.values():
            if each.state in _OPEN:
                self._print(_line("deadline", change.deadline(each), _STYLES[Kind.DEADLINE]))

    def show_title(self, text: str) -> None:
        """What the lines after it are of."""
        self._print(Text(text, style="bold"))

    def _print(self, what: Text | Padding) -> None:
        with self._console.capture() as written:
            self._console.print(what)
        lines = [line.rstrip() for line in written.get().splitlines()]  # no spaces that only fill a line
        with contextlib.suppress(OSError):
            sys.stdout.write("\n".join([*lines, ""]))
            sys.stdout.flush()  # what is said on stderr comes after it


def _particulars(step: Step) -> Iterator[str]:
    """The event's type, who did it, when it happened if that is not when it was recorded, and its flags."""
    header = step.entry.header
    yield f"{header.type} at position {header.position}"
    if author := header.onbehalfof or header.actor:
        yield f"by {author}"
    if minute(step.entry.happened) != minute(header.recordedat):
        yield f"happened {minute(step.entry.happened).removesuffix(' 00:00')}"
    if header.flags:
        yield f"flagged {header.flags}"
    if step.entry.voided:
        yield "voided since"


def _line(label: str, text: str, style: str) -> Padding:
    return _row(label, Text(text), style, _LABEL)


def _row(label: str, text: Text, style: str, width: int) -> Padding:
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(style=style, width=width, no_wrap=True)
    grid.add_column(ratio=1)
    grid.add_row(label, text)
    return Padding(grid, (0, 0, 0, 3))
