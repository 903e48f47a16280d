"""The book of an import: every line of the file is accounted for once. What was refused goes to a file."""

from collections.abc import Iterable, Mapping
from itertools import chain, count
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from msgspec import UNSET, Struct, UnsetType, json

from services.cli.backlog.lines import Said, Unusable
from services.cli.backlog.order import Order, Place

OLD: Final = ".old-"
LONGEST_TEXT: Final = 10_000  # bytes of a line that is no event


class _Refusal(Struct):
    """One line of the file of refusals: the event as it was posted, or the text of what is none.

    `line` counts from 1. Refused again, it is still the line of the file that was imported first.
    """

    line: int
    event: dict[str, Any] | UnsetType = UNSET
    text: str | UnsetType = UNSET
    problem: Mapping[str, Any] = {}


class Book:
    """`with Book(path) as book:` counts, and keeps what is refused; the file is at `path` once it is closed.

    A crash leaves the file of the run before. A file that is in the way is kept, under `.old-1`, `.old-2` and
    so on: somebody may have mended it by hand.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines = 0
        self.cases = 0
        self.recorded = 0
        self.known = 0
        self.refused = 0
        self.last_position = 0
        self._part = path.with_name(f"{path.name}.part")

    def __enter__(self) -> Self:
        self._file = self._part.open("w+b")
        self._order = Order()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._order, self._file:
            if self.path.exists():
                self.path.replace(_free(self.path))
            if self.refused:
                self._write_in_order()
        self._part.unlink()

    @property
    def done(self) -> int:
        """How many lines are accounted for."""
        return self.recorded + self.known + self.refused

    def append(self, positions: Iterable[int], *, fresh: bool) -> None:
        """Count events that are in the ledger: new, or there before."""
        count = 0
        for position in positions:
            count += 1
            self.last_position = max(self.last_position, position)
        if fresh:
            self.recorded += count
        else:
            self.known += count

    def refuse(self, place: Place, said: Said, problem: Mapping[str, Any]) -> None:
        """Keep an event that the ledger does not take, to be mended."""
        self._keep(place.number, _Refusal(place.line, event=said.event, problem=problem))

    def set_aside(self, number: int, unusable: Unusable) -> None:
        """Keep a line that is no event that could be posted."""
        text = unusable.text[:LONGEST_TEXT].decode(errors="replace").rstrip("\r\n")
        problem = {"title": "The line is no event that could be posted", "detail": str(unusable)}
        self._keep(number, _Refusal(unusable.line or number, text=text, problem=problem))

    def _keep(self, number: int, refusal: _Refusal) -> None:
        self.refused += 1
        line = json.encode(refusal) + b"\n"
        offset = self._file.tell()
        place = Place(of_case=True, case_id="", number=number, offset=offset, length=len(line))
        self._order.add(place)
        self._file.write(line)

    def _write_in_order(self) -> None:
        """Write the refusals as their lines stand in the file: so they are imported once they are mended."""
        with self.path.open("wb") as file:
            for place in chain.from_iterable(self._order.cases()):
                self._file.seek(place.offset)
                file.write(self._file.read(place.length))


def _free(path: Path) -> Path:
    """The first name that nothing has yet for an older file of this one's name."""
    named = (path.with_name(f"{path.name}{OLD}{nth}") for nth in count(1))
    return next(each for each in named if not each.exists())
