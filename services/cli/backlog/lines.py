"""What a line of a backlog says: its event, made complete, and where it belongs."""

import re
from hashlib import sha256
from typing import Any, Final
from uuid import UUID, uuid5

from msgspec import DecodeError, Raw, Struct, json
from msgspec.structs import replace

from services.domain.events.correction import EventVoided
from services.domain.office import OFFICE

SOURCE: Final = "/import"
LONGEST: Final = 256 * 1024  # bytes of an event, as the ledger has it

_IDS: Final = UUID("0f5a6c1e-5f0e-5b8a-8c55-7f0f2f7d9b33")  # names ids made of lines; never changes
_CASE: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Unusable(Exception):
    """What stands on a line cannot be posted as it is; the exception's text says why.

    `text` is what stands there, `line` the line of the first file on which it stood, if it says so.
    """

    def __init__(self, why: str, text: bytes = b"", line: int | None = None) -> None:
        super().__init__(why)
        self.text = text
        self.line = line


class Said(Struct, frozen=True):
    """One event of a backlog, complete: with a `specversion`, an id and a source.

    `line` is the line of the first file on which it stood, if it comes out of a file of refusals.
    """

    case_id: str
    event: dict[str, Any]
    line: int | None = None

    @property
    def id(self) -> str:
        """The event's id, its own or the one made of the line."""
        return str(self.event["id"])

    @property
    def alert_id(self) -> str:
        """The practice alert that it is about, or nothing. Its type may be mistyped."""
        data = self.event.get("data")
        about = data.get("alert_id") if isinstance(data, dict) else None
        return about if isinstance(about, str) else ""

    @property
    def voids(self) -> str:
        """The id of the event that it voids, or nothing."""
        data = self.event.get("data")
        target = data.get("target_event_id") if isinstance(data, dict) else None
        return target if isinstance(target, str) and self.event.get("type") == EventVoided.TYPE else ""


class _Refusal(Struct, forbid_unknown_fields=True):
    line: Any
    event: Raw = Raw()
    text: str = ""
    problem: Any = None


def read(line: bytes, source: str = SOURCE) -> Said:
    """The event of a line, which may be a line of a file of refusals. Raises `Unusable`.

    An event without an id gets one made of everything that it says, so that the same line is the same event
    wherever it stands, and whenever it is imported.
    """
    first, text = _unwrapped(line)
    try:
        return replace(_said(text, source), line=first)
    except Unusable as unusable:
        raise Unusable(str(unusable), text, first) from None


def is_office(case_id: str) -> bool:
    """Whether it is the office's stream rather than a case."""
    return case_id == OFFICE


def _said(text: bytes, source: str) -> Said:
    event = _event(text)
    case_id = event.get("subject")
    if not isinstance(case_id, str) or not _CASE.fullmatch(case_id):
        raise Unusable("`subject` must name the case, in letters, digits, `_` and `-`, or be `office`.")
    own = dict(event)
    said = {"specversion": "1.0", "source": source} | own
    if own.get("id") is None:
        said["id"] = str(uuid5(_IDS, sha256(json.encode(own, order="deterministic")).hexdigest()))
    return Said(case_id, said)


def _unwrapped(line: bytes) -> tuple[int | None, bytes]:
    """What a line of a file of refusals is about, and its line in the first file; any other as it is."""
    if b'"line"' not in line:
        return None, line
    try:
        found = json.decode(line, type=_Refusal)
    except (DecodeError, UnicodeDecodeError, RecursionError):
        return None, line
    first = found.line if type(found.line) is int else None
    return first, bytes(found.event) or found.text.encode()


def _event(text: bytes) -> dict[str, Any]:
    if len(text) > LONGEST:
        raise Unusable(f"An event has at most {LONGEST} bytes.")
    try:
        found = json.decode(text)
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unusable(f"It is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise Unusable("It is no JSON object.")
    return found
