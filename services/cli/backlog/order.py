"""Put the lines of a file of any size in order of their cases: sorted in runs, merged on disk."""

import heapq
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import groupby
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Final, Self

from msgspec import Struct, msgpack

IN_A_RUN: Final = 100_000  # lines kept in memory at a time


class Place(Struct, frozen=True, array_like=True):
    """Where an event stands in the file, and as much of it as says what it is to be posted with.

    The office comes before all cases: who holds a rung, and which days do not count, is known before an
    alert is. `number` counts the file's lines from 1; `line` is the same, or that of the first file if this
    one is a file of refusals. `offset` and `length` are in bytes.
    """

    of_case: bool
    case_id: str
    number: int
    offset: int
    length: int
    line: int = 0
    event_id: str = ""
    alert_id: str = ""
    voids: str = ""

    @property
    def key(self) -> tuple[bool, str, int]:
        """By case, and within a case as in the file."""
        return self.of_case, self.case_id, self.number


class Order:
    """`with Order() as order:` takes places, then gives them back by case."""

    def __init__(self, in_a_run: int = IN_A_RUN) -> None:
        self._in_a_run = in_a_run
        self._run: list[Place] = []
        self._spilled: list[IO[bytes]] = []
        self._files = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.close()

    def add(self, place: Place) -> None:
        """Take one place more."""
        self._run.append(place)
        if len(self._run) == self._in_a_run:
            self._spill()

    def cases(self) -> Iterator[list[Place]]:
        """The places of each case, in the order of the file."""
        self._run.sort(key=_key)
        runs: list[Iterable[Place]] = [*map(_read, self._spilled), self._run]
        for _, places in groupby(heapq.merge(*runs, key=_key), key=lambda place: place.case_id):
            yield list(places)

    def _spill(self) -> None:
        file = self._files.enter_context(TemporaryFile())  # noqa: SIM115 - closed by __exit__
        for place in sorted(self._run, key=_key):
            packed = msgpack.encode(place)
            file.write(len(packed).to_bytes(4) + packed)
        self._spilled.append(file)
        self._run = []


def _key(place: Place) -> tuple[bool, str, int]:
    return place.key


def _read(file: IO[bytes]) -> Iterator[Place]:
    file.seek(0)
    decoder = msgpack.Decoder(Place)
    while size := file.read(4):
        yield decoder.decode(file.read(int.from_bytes(size)))
