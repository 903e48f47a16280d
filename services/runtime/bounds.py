"""How large a JSON text is, told before it is decoded: how deep it goes, and how many values it holds.

A decoder makes an object of each value, a hundred bytes of two, and calls itself for each level. Telling
takes a few passes over the text in C: for what systems post, a microsecond.
"""

import re
from typing import Final

from services.runtime.problems import Kind, Problem

DEEPEST: Final = 32
"""Levels of arrays and objects; an event of any type has five at most."""

MOST_VALUES: Final = 500_000
"""In one body: ten thousand events of fifty each."""

JSON_TOO_LARGE: Final = Kind(
    "json-too-large", "The JSON is over a limit", 400, "Send less at once, and nest it less deeply."
)

_TEXTS: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_NOT_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_BRACKETS: Final = bytes.maketrans(b"{}", b"[]")
_NOT_COUNTED: Final = bytes(set(range(256)) - set(b",[{"))


def check_values(text: bytes, most: int = MOST_VALUES) -> None:
    """Raise the problem if `text` holds more than `most` values. Whether it is JSON, the decoder says."""
    at_most = text.count(b",") + text.count(b"[") + text.count(b"{")
    if text.count(b'"') > 4 * most or (at_most > most and _values(text) > most):
        raise Problem(JSON_TOO_LARGE, f"At most {most} values may stand in one body.")


def check_depth(text: bytes, deepest: int = DEEPEST) -> None:
    """Raise the problem if more than `deepest` arrays and objects stand in one another."""
    if text.count(b"[") + text.count(b"{") > deepest and _is_deeper(text, deepest):
        raise Problem(JSON_TOO_LARGE, f"At most {deepest} arrays and objects may stand in one another.")


def _values(text: bytes) -> int:
    return len(_TEXTS.sub(b"", text).translate(None, _NOT_COUNTED))


def _is_deeper(text: bytes, deepest: int) -> bool:
    """Whether brackets are left when the innermost pairs have been taken away so many times."""
    left = _TEXTS.sub(b"", text).translate(_BRACKETS, _NOT_BRACKETS)
    for _ in range(deepest):
        size, left = len(left), left.replace(b"[]", b"")
        if len(left) == size:
            return left.count(b"[") > deepest  # nothing closes them
    return b"[" in left
