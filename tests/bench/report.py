"""What was measured, against what, and whether that is within the budget."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec
from rich.console import Console
from rich.table import Table

TIMES = "×"  # noqa: RUF001 -- the sign itself
NONE = "–"  # noqa: RUF001 -- as above

Verdict = Literal["pass", "miss", "reported", "not measured"]
_COLOURS: dict[Verdict, str] = {"pass": "green", "miss": "red", "reported": "cyan", "not measured": "yellow"}


class Side(msgspec.Struct, frozen=True):
    """One side of a comparison: what it is, and what it did."""

    name: str
    value: float
    unit: str

    def __str__(self) -> str:
        return f"{_number(self.value)} {self.unit}"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table.

    `value` is compared with `at_least` or `at_most`; without either it is reported only. `spread` is the
    least and the greatest of the rounds.
    """

    row: int
    what: str
    value: float | None = None
    unit: str = TIMES
    at_least: float | None = None
    at_most: float | None = None
    ours: Side | None = None
    theirs: Side | None = None
    spread: tuple[float, float] | None = None
    note: str = ""

    @property
    def verdict(self) -> Verdict:
        """Whether the budget is met."""
        if self.value is None:
            return "not measured"
        if self.at_least is not None:
            return "pass" if self.value >= self.at_least else "miss"
        if self.at_most is not None:
            return "pass" if self.value <= self.at_most else "miss"
        return "reported"

    @property
    def budget(self) -> str:
        """What is required."""
        if self.at_least is not None:
            return f"≥ {_number(self.at_least)} {self.unit}"
        return f"≤ {_number(self.at_most)} {self.unit}" if self.at_most is not None else NONE


def summary(line: Line) -> str:
    """A line in few words, while the others are being measured."""
    if line.value is None:
        return f"not measured: {line.note}"
    return f"{_number(line.value)} {line.unit} ({line.verdict})"


def show(lines: list[Line]) -> None:
    """Print the table."""
    table = Table(title="Budgets: ratios in one run on this machine", show_lines=True)
    table.add_column("row", justify="right")
    table.add_column("what")
    for name in ("caseledger", "against", "result", "rounds", "budget", ""):
        table.add_column(name, justify="right")
    for line in lines:
        table.add_row(
            str(line.row),
            line.what + (f"\n[dim]{line.note}[/dim]" if line.note else ""),
            str(line.ours or NONE),
            f"{line.theirs}\n[dim]{line.theirs.name}[/dim]" if line.theirs else NONE,
            f"{_number(line.value)} {line.unit}" if line.value is not None else NONE,
            f"{_number(line.spread[0])} … {_number(line.spread[1])}" if line.spread else NONE,
            line.budget,
            f"[{_COLOURS[line.verdict]}]{line.verdict}[/]",
        )
    Console(width=None if sys.stdout.isatty() else 160).print(table)


def write(lines: list[Line], path: Path) -> None:
    """Write what was measured as JSON."""
    found = [{**msgspec.to_builtins(line), "verdict": line.verdict} for line in lines]
    at = datetime.now(UTC).isoformat(timespec="seconds")
    path.write_bytes(msgspec.json.format(msgspec.json.encode({"measured_at": at, "lines": found}), indent=2))


def _number(value: float) -> str:
    if isinstance(value, int) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
