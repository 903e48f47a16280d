"""Say in plain words what is wrong with a value, where the codec speaks of its types and patterns."""

import re
from enum import Enum
from typing import Final, get_args

from services.domain.events.shape import CODE, LINE, OBJECT_ID, TEXT

_KINDS: Final = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
    "datetime": "an instant",
    "date": "a date",
}
_PATTERNS: Final = {
    repr(OBJECT_ID): "1 to 64 letters, digits and `_.:-`, the first no mark but `_`",
    repr(CODE): "1 to 64 capitals, digits and `_`",
    repr(LINE): "one line of text, and not empty",
    repr(TEXT): "text without the character NUL",
}
_SAYINGS: Final = (
    (r"Expected `(?P<wanted>[^`]+)`, got `(?P<got>[^`]+)`", "must be {wanted}, not {got}"),
    (r"Expected `str` matching regex (?P<pattern>.+)", "must be {pattern}"),
    (r"Expected `datetime` with a timezone component", "needs an offset, such as Z"),
    (r"Invalid RFC3339 encoded datetime", "must be an RFC 3339 instant, such as 2018-03-29T11:00:00Z"),
    (r"Invalid RFC3339 encoded date", "must be a date, such as 2018-03-29"),
    (r"Expected `str` of length <= (?P<most>\d+)", "must have at most {most} characters"),
    (r"Expected `int` >= (?P<least>-?\d+)", "must be {least} or more"),
    (r"Expected `int` <= (?P<most>-?\d+)", "must be {most} or less"),
)


def plainly(message: str, kind: object) -> str:
    """The codec's `message` about a value that should have been of `kind`; as it is if none is better."""
    if message.startswith("Invalid enum value") and (values := _values(kind)):
        return f"must be one of {', '.join(values)}"
    for pattern, saying in _SAYINGS:
        if found := re.fullmatch(pattern, message):
            return saying.format(**{name: _word(value) for name, value in found.groupdict().items()})
    return message


def _word(value: str) -> str:
    kinds = [kind for kind in value.split(" | ") if kind != "null"] or ["null"]
    return _PATTERNS.get(value) or " or ".join(_KINDS.get(kind, kind) for kind in kinds)


def _values(kind: object) -> list[str]:
    """The values of the enumeration that `kind` is, or that it is made of."""
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [str(each.value) for each in kind]
    return next((values for inner in get_args(kind) if (values := _values(inner))), [])
