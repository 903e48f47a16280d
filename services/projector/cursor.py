"""Cursors of lists: opaque to clients, and good for ever, since they name a key and not a place in a page."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, Final, TypeVar

from msgspec import DecodeError, json

MOST: Final = 2**53 - 1  # what every JSON reader can count to

K = TypeVar("K")


class NotACursor(Exception):
    """The text is not a cursor of this list: use `next` as the list gave it."""


def write(key: str | int) -> str:
    """The cursor after the item with this key."""
    return urlsafe_b64encode(json.encode(key)).decode().rstrip("=")


def read(cursor: str, kind: Any) -> Any:
    """The key that a cursor names, as `kind` (a type that msgspec checks). Raises `NotACursor`."""
    try:
        return json.decode(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=kind)
    except (ValueError, DecodeError) as error:  # binascii's and msgspec's are ValueErrors, as is bad UTF-8
        raise NotACursor from error
