"""Tell whoever watches how far an import has come: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from services.cli.backlog.book import Book
from services.cli.terminal import say

EVERY: Final = 5.0  # seconds between two lines


class Progress:
    """`with Progress(book) as progress:` is told of each step; what it prints goes to stderr."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._bar: Bar | None = None
        self._task = TaskID(0)
        self._said_at = time.monotonic()
        self._away = False

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
            )
            self._bar = Bar(*columns, console=Console(stderr=True))
            self._bar.start()
            self._task = self._bar.add_task("reading", total=None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()

    def show_reading(self, read: int, size: int) -> None:
        """So many bytes of the file have been read for the first time."""
        if self._bar:
            self._bar.update(self._task, description="reading", completed=read, total=size)
        elif self._is_time():
            say(f"read {read:,} of {size:,} bytes")

    def show_posting(self) -> None:
        """Some more lines are accounted for."""
        book = self._book
        if self._bar:
            refused = f", {book.refused:,} refused" if book.refused else ""
            about = f"importing{refused}"
            self._bar.update(self._task, description=about, completed=book.done, total=book.lines)
        elif self._is_time():
            say(
                f"{book.done:,} of {book.lines:,} lines: {book.recorded:,} recorded, "
                f"{book.known:,} there before, {book.refused:,} refused"
            )

    def say_away(self) -> None:
        """The ledger does not answer. It is said once."""
        if not self._away:
            self._away = True
            say("The ledger does not answer: the import waits, and goes on when it does. Ctrl-C ends it.")

    def say_back(self) -> None:
        """It answers again."""
        if self._away:
            self._away = False
            say("The ledger answers again.")

    def _is_time(self) -> bool:
        now = time.monotonic()
        if now - self._said_at < EVERY:
            return False
        self._said_at = now
        return True
