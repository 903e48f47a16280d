"""A request is to mean one thing, whoever reads it on its way: what could be read in two ways is refused.

A proxy in front that decides by the address, or by a header, must have decided of the very request that is
answered here.
"""

from collections.abc import Iterable
from typing import Any, Final

from services.runtime.problems import (
    INVALID_REQUEST,
    NOT_FOUND,
    UNSUPPORTED_MEDIA_TYPE,
    Fault,
    Problem,
)

ONCE: Final = frozenset(
    {b"content-type", b"content-encoding", b"idempotency-key", b"last-event-id", b"x-request-id"}
)
"""Headers of which there is one at most. `Host` is counted on the wire, `Authorization` where it is read."""
NOT_PACKED: Final = "Send the body as it is, without a `Content-Encoding`."


def check(scope: Any) -> None:
    """Raise the problem if the address or the headers of a request are not plain."""
    raw: bytes = scope["raw_path"]
    # The router takes `//` for `/`, and `%2F` was one before it looked: an address has one spelling here.
    if b"//" in raw or (b"%" in raw and b"%2f" in raw.lower()):
        raise Problem(NOT_FOUND)
    names = [name for name, _ in scope["headers"] if name in ONCE]
    if b"content-encoding" in names:
        raise Problem(UNSUPPORTED_MEDIA_TYPE, NOT_PACKED)
    if len(names) != len(set(names)):
        raise Problem(INVALID_REQUEST, faults=list(_faults(names)))


def _faults(names: list[bytes]) -> Iterable[Fault]:
    for name in dict.fromkeys(each for each in names if names.count(each) > 1):
        yield Fault(parameter=name.decode(), message="is to be sent once")
