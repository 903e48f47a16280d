"""The diary of the year: every event, who told it, when it happened and when it was typed in."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from msgspec import Raw, Struct, json

from services.cli.year.days import CLOSE
from services.domain.events.shape import Event

CASES: Final = "/case-management"
FRONT_DOOR: Final = "/front-door"
REVIEWING: Final = "/reviewing"
OFFICE: Final = "/office"
ALLEGATIONS: Final = "/allegations"

_IDS: Final = UUID("0d6f8c1e-5f0b-5b7a-9d3c-2a5b1e7c4f90")  # names every id of a sample year; never changes
_encoder: Final = json.Encoder()


class By(Struct, frozen=True):
    """Who tells of an event: an account, its role, and the system that it is entered in."""

    actor: str
    role: str
    source: str = CASES


class Entry(Struct, frozen=True):
    """One line: a CloudEvent for one stream. `typed_at` is when it is told to the ledger."""

    typed_at: datetime
    subject: str
    event: dict[str, Any]

    @property
    def line(self) -> bytes:
        """The event as a line of NDJSON."""
        return _encoder.encode(self.event)


class Diary:
    """Collects what happens. What would happen after the end of the year is not written down."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._entries: list[Entry] = []
        self._told: dict[str, int] = {}

    def note(  # noqa: PLR0913 -- what an event's envelope says
        self,
        subject: str,
        event: Event,
        at: datetime,
        by: By,
        *,
        typed_at: datetime | None = None,
        together: str | None = None,
    ) -> str:
        """Write an event down that happened `at`, and give its id; late if it is typed in later.

        `together` ties what belongs together though it is told of several cases.
        """
        nth = self._told[subject] = self._told.get(subject, 0) + 1
        event_id = str(uuid5(_IDS, f"{self.seed} {subject} {nth}"))
        told = typed_at or at
        if told > CLOSE:
            return event_id
        attributes = {
            "specversion": "1.0",
            "id": event_id,
            "source": by.source,
            "type": event.TYPE,
            "subject": subject,
            "time": at,
            "actor": by.actor,
            "actorrole": by.role,
            **({"correlationid": together} if together else {}),
            "data": Raw(_encoder.encode(event)),
        }
        self._entries.append(Entry(told, subject, attributes))
        return event_id

    def entries(self) -> list[Entry]:
        """Everything in the order in which it is typed in: by the time, save what was late."""
        return sorted(self._entries, key=lambda entry: entry.typed_at)
