"""Cursors of lists: opaque to clients, and good for ever, since they name a key and not a place in a page."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import date
from typing import Annotated, Any, Final

from msgspec import DecodeError, Meta, json

MOST: Final = 2**53 - 1  # what every JSON reader can count to

PositionKey = Annotated[int, Meta(ge=0, le=MOST)]
CaseKey = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{1,64}\Z")]
DeadlineKey = Annotated[str, Meta(pattern=r"\A[^\x00-\x1f\x7f]{1,300}\Z")]

DueKey = tuple[date, CaseKey, DeadlineKey]
BEFORE_ALL: Final = (date.min, "", "")
"""Where the due board begins."""

EventKey = tuple[CaseKey, PositionKey]
BEFORE_EVERY_EVENT: Final = ("", 0)
"""Where a chronology begins."""

EntryKey = tuple[date, PositionKey]
BEFORE_EVERY_ENTRY: Final = (date.min, 0)
"""Where a curated chronology begins."""


class NotACursor(Exception):
    """The text is not a cursor of this list: use `next` as the list gave it."""


def write(key: object) -> str:
    """The cursor after the item with this key."""
    return urlsafe_b64encode(json.encode(key)).decode().rstrip("=")


def read(cursor: str, kind: Any) -> Any:
    """The key that a cursor names, as `kind`: `PositionKey`, for example. Raises `NotACursor`."""
    try:
        return json.decode(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=kind)
    except (ValueError, DecodeError) as error:  # binascii's and msgspec's are ValueErrors, as is bad UTF-8
        raise NotACursor from error
