"""A backlog on disk: read once from end to end for where everything stands, then event by event."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import TracebackType
from typing import IO, Final, Self

from services.cli.backlog import lines
from services.cli.backlog.book import Book
from services.cli.backlog.lines import LONGEST, Said, Unusable
from services.cli.backlog.order import Order, Place

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
TELL_EVERY: Final = 2_000  # lines


class File:
    """`with File(path, source) as file:`; `source` is that of events that name none."""

    def __init__(self, path: Path, source: str) -> None:
        self._source = source
        self._file = path.open("rb")
        self.size = os.fstat(self._file.fileno()).st_size

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def scan(self, order: Order, book: Book) -> Iterator[int]:
        """Tell `order` where each event stands, and set aside what is none; gives the bytes read."""
        offset = 0
        for number, (line, length) in enumerate(self._lines(), start=1):
            if line.strip():
                book.lines += 1
                self._place(order, book, number, offset, line)
            offset += length
            if number % TELL_EVERY == 0:
                yield offset

    def each_line(self) -> Iterator[tuple[int, bytes]]:
        """Every line that says something, with its number from 1."""
        for number, (line, _) in enumerate(self._lines(), start=1):
            if line.strip():
                yield number, line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line

    def read(self, place: Place) -> Said:
        """The event at a place."""
        return lines.read(os.pread(self._file.fileno(), place.length, place.offset), self._source)

    def _place(self, order: Order, book: Book, number: int, offset: int, line: bytes) -> None:
        skipped = len(BYTE_ORDER_MARK) if number == 1 and line.startswith(BYTE_ORDER_MARK) else 0
        try:
            said = lines.read(line[skipped:], self._source)
        except Unusable as unusable:
            book.set_aside(number, unusable)
            return
        order.add(
            Place(
                of_case=not lines.is_office(said.case_id),
                case_id=said.case_id,
                number=number,
                offset=offset + skipped,
                length=len(line) - skipped,
                line=said.line or number,
                event_id=said.id if said.alert_id else "",
                alert_id=said.alert_id,
                voids=said.voids,
            )
        )

    def _lines(self) -> Iterator[tuple[bytes, int]]:
        """Each line, and how long it is; of one that is too long to be an event only the beginning."""
        self._file.seek(0)
        while line := self._file.readline(LONGEST + 2):
            length = len(line)
            while not line.endswith(b"\n") and len(line) > LONGEST and (rest := self._file.readline(LONGEST)):
                length += len(rest)
                if rest.endswith(b"\n"):
                    break
            yield line, length


def spooled(stream: IO[bytes]) -> Path:
    """A file with all that a stream gives: an import goes through it twice. Whoever asked deletes it."""
    with NamedTemporaryFile(prefix="caseledger-import-", suffix=".ndjson", delete=False) as file:
        shutil.copyfileobj(stream, file)
    return Path(file.name)
