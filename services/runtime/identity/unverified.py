"""What a token says of itself, before anything of it is believed."""

from base64 import urlsafe_b64decode
from typing import Final

from msgspec import Struct, json

DOTS: Final = 2


class Header(Struct, frozen=True):
    """The algorithm and the key that it says it was signed with."""

    alg: str = ""
    kid: str = ""


def header_of(token: str) -> Header | None:
    """The header of a JWT; None of what is none."""
    head, _, _ = token.partition(".")
    if token.count(".") != DOTS:
        return None
    try:
        return json.decode(urlsafe_b64decode(head + "=" * (-len(head) % 4)), type=Header)
    except (ValueError, RecursionError):
        return None
