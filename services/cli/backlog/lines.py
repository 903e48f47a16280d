"""What a line of a backlog says: its event, made complete, and where it belongs."""

import re
from hashlib import sha256
from typing import Any, Final, get_args
from uuid import UUID, uuid5

from msgspec import DecodeError, Struct, json

from services.domain.events.alert import AlertEvent, PracticeAlertResolved, PracticeAlertWithdrawn
from services.domain.events.correction import EventVoided
from services.domain.office import OFFICE

SOURCE: Final = "/import"
LONGEST: Final = 256 * 1024  # bytes of an event, as the ledger has it
OF_A_REFUSAL: Final = frozenset({"line", "event", "text", "problem"})

_IDS: Final = UUID("0f5a6c1e-5f0e-5b8a-8c55-7f0f2f7d9b33")  # names ids made of lines; never changes
_CASE: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ALERT_TYPES: Final = frozenset(kind.TYPE for kind in get_args(AlertEvent))
_CLOSING_TYPES: Final = frozenset({PracticeAlertResolved.TYPE, PracticeAlertWithdrawn.TYPE})


class Unusable(Exception):
    """The line cannot be posted as it is; its text says why."""


class Said(Struct, frozen=True):
    """One event of a backlog, complete: with a `specversion`, an id and a source."""

    case_id: str
    event: dict[str, Any]

    @property
    def id(self) -> str:
        """The event's id, its own or the one made of the line."""
        return str(self.event["id"])

    @property
    def alert_id(self) -> str:
        """The practice alert that it is about, or nothing."""
        data = self.event.get("data")
        about = data.get("alert_id") if isinstance(data, dict) else None
        return about if isinstance(about, str) and self.event.get("type") in _ALERT_TYPES else ""

    @property
    def voids(self) -> str:
        """The id of the event that it voids, or nothing."""
        data = self.event.get("data")
        target = data.get("target_event_id") if isinstance(data, dict) else None
        return target if isinstance(target, str) and self.event.get("type") == EventVoided.TYPE else ""

    @property
    def closes(self) -> bool:
        """Whether it ends an alert."""
        return self.event.get("type") in _CLOSING_TYPES


def read(line: bytes, source: str = SOURCE) -> Said:
    """The event of a line, which may be a line of a file of refusals. Raises `Unusable`.

    An event without an id gets one made of everything that it says, so that the same line is the same event
    wherever it stands, and whenever it is imported.
    """
    event = _event(line)
    case_id = event.get("subject")
    if not isinstance(case_id, str) or not _CASE.fullmatch(case_id):
        raise Unusable("`subject` must name the case, in letters, digits, `_` and `-`, or be `office`.")
    own = dict(event)
    said = {"specversion": "1.0", "source": source} | own
    if own.get("id") is None:
        said["id"] = str(uuid5(_IDS, sha256(json.encode(own, order="deterministic")).hexdigest()))
    return Said(case_id, said)


def is_office(case_id: str) -> bool:
    """Whether it is the office's stream rather than a case."""
    return case_id == OFFICE


def _event(line: bytes) -> dict[str, Any]:
    if len(line) > LONGEST:
        raise Unusable(f"An event has at most {LONGEST} bytes.")
    try:
        found = json.decode(line)
        if isinstance(found, dict) and found.keys() <= OF_A_REFUSAL and "line" in found:
            found = found["event"] if "event" in found else json.decode(str(found.get("text", "")))
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unusable(f"It is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise Unusable("It is no JSON object.")
    return found
