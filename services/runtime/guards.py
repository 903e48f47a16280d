"""What every answer tells a browser, and whatever keeps answers, not to do with it."""

from collections.abc import Iterable
from typing import Final

Header = tuple[bytes, bytes]

ALWAYS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
UNLESS_SAID: Final = {
    b"cache-control": b"no-store",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
}
"""A route may know better: a tile of the tree never changes, a page has a style."""

OVER_TLS: Final = (b"strict-transport-security", b"max-age=31536000")


def guarded(headers: Iterable[Header], scheme: str) -> list[Header]:
    """The headers of an answer with what guards it."""
    found = [*headers, *ALWAYS]
    said = {name for name, _ in found}
    found += [header for header in UNLESS_SAID.items() if header[0] not in said]
    if scheme == "https":
        found.append(OVER_TLS)
    return found
