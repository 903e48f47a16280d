"""A JSON answer ends its line: in a terminal, the prompt comes on the next one."""

from collections.abc import Iterable
from typing import Final

from litestar.types import HTTPResponseBodyEvent

Header = tuple[bytes, bytes]

JSON: Final = (b"application/json", b"application/problem+json")
LENGTH: Final = b"content-length"


class LineEnd:
    """Ends the answer to one request; `begin` with its headers, then give it each part of the body."""

    def __init__(self) -> None:
        self._ends = False

    def begin(self, headers: Iterable[Header]) -> list[Header]:
        """The headers, which say how long the answer is with its end."""
        given = dict(headers := list(headers))
        self._ends = given.get(b"content-type", b"").startswith(JSON) and given.get(LENGTH) != b"0"
        if not self._ends or LENGTH not in given:
            return headers
        longer = b"%d" % (int(given[LENGTH]) + 1)
        return [(name, longer if name == LENGTH else value) for name, value in headers]

    def end(self, part: HTTPResponseBodyEvent) -> None:
        """End the last part of the body."""
        if self._ends and not part.get("more_body"):
            part["body"] = part.get("body", b"") + b"\n"
