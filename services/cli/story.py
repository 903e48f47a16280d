"""Stories: real events in a file, posted over HTTP at the instants at which they happened."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from importlib.resources import files
from typing import Any

from msgspec import Struct, json


class Chapter(Struct, frozen=True):
    """One event of a story, and the stream that it belongs to."""

    subject: str
    time: datetime
    event: dict[str, Any]

    @property
    def type(self) -> str:
        """The event's type."""
        return str(self.event["type"])


class _Attributes(Struct):
    subject: str
    time: datetime


def read(name: str) -> tuple[Chapter, ...]:
    """The story `name`, in the order in which it is told."""
    lines = (files("services.cli") / "stories" / f"{name}.ndjson").read_bytes().splitlines()
    return tuple(_chapter(line) for line in lines)


def moments(story: Sequence[Chapter], opening: datetime) -> Iterator[tuple[datetime, Chapter]]:
    """Each chapter with the instant at which it is told: when it happened, but never before `opening`."""
    for chapter in story:
        yield max(opening, chapter.time), chapter


def _chapter(line: bytes) -> Chapter:
    attributes = json.decode(line, type=_Attributes)
    return Chapter(subject=attributes.subject, time=attributes.time, event=json.decode(line))
