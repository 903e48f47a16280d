"""Say in words what a value is to be, from its type and its limits: `true or false`, `one of OPEN, MET`."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from msgspec import inspect

_SHAPE: Final = re.compile(r"\^(?:\(\?!(\w+)\$\))?\[([^\]]+)\]\{(\d+),(\d+)\}\$(?:\(\?!\\n\))?")
_EITHER: Final = re.compile(r"\^\(([\w|-]+)\)\$")
_RANGES: Final = {"A-Z": "capitals", "a-z": "small letters", "0-9": "digits"}
_PLAIN: Final[Mapping[type[inspect.Type], str]] = {
    inspect.BoolType: "true or false",
    inspect.FloatType: "a number",
    inspect.DateType: "a date such as 2018-03-31",
    inspect.DateTimeType: "an instant such as 2018-03-31T09:00:00Z",
}
_NO_CONTROLS: Final = r"^\x00-\x1f\x7f"


class Limits(NamedTuple):
    """What a value has to keep to beside its type; `least` and `most` are of a number, or of a length."""

    least: float | None = None
    most: float | None = None
    pattern: str | None = None


def expected(annotation: Any, limits: Limits | None = None) -> str | None:
    """What completes "it must be …"; None for a type of which nothing plainer can be said than its name."""
    for kind in _kinds(inspect.type_info(annotation)):
        if words := _of(kind, limits or _limits_of(kind)):
            return words
    return None


def _kinds(kind: inspect.Type) -> Iterator[inspect.Type]:
    """The types of which one is to be written; of a list what each of its items is."""
    match kind:
        case inspect.UnionType(types=types):
            for each in types:
                yield from _kinds(each)
        case inspect.ListType(item_type=item):
            yield from _kinds(item)
        case inspect.Metadata(type=inner):
            yield from _kinds(inner)
        case _:
            yield kind


def _of(kind: inspect.Type, limits: Limits) -> str | None:
    match kind:
        case inspect.EnumType(cls=values):
            return _one_of(each.value for each in values)
        case inspect.LiteralType(values=choices):
            return _one_of(choices)
        case inspect.IntType():
            return f"a whole number{_between(limits)}"
        case inspect.StrType():
            return _text(limits)
    return _PLAIN.get(type(kind))


def _one_of(values: Iterable[object]) -> str:
    return f"one of {', '.join(map(str, values))}"


def _limits_of(kind: inspect.Type) -> Limits:
    match kind:
        case inspect.IntType(ge=least, le=most):
            return Limits(least, most)
        case inspect.StrType(min_length=least, max_length=most, pattern=pattern):
            return Limits(least, most, pattern)
    return Limits()


def _between(limits: Limits) -> str:
    match limits:
        case Limits(least=None, most=None):
            return ""
        case Limits(least=None):
            return f", at most {limits.most}"
        case Limits(most=None):
            return f", at least {limits.least}"
    return f" from {limits.least} to {limits.most}"


def _text(limits: Limits) -> str | None:
    if limits.pattern is None:
        return f"text{_between(limits)} characters long" if any(limits) else None
    if either := _EITHER.fullmatch(limits.pattern):
        return _one_of(either[1].split("|"))
    if shape := _SHAPE.fullmatch(limits.pattern):
        but, characters, least, most = shape.groups()
        return f"{least} to {most} {_characters(characters)}" + (f", and not {but}" if but else "")
    return None


def _characters(written: str) -> str:
    """The characters of a class such as `[A-Za-z0-9_-]`."""
    if written == _NO_CONTROLS:
        return "characters on one line"
    found = []
    if "A-Za-z" in written:
        found, written = ["letters"], written.replace("A-Za-z", "")
    for span, name in _RANGES.items():
        if span in written:
            found, written = [*found, name], written.replace(span, "")
    *some, last = [*found, *written]
    return f"{', '.join(some)} and {last}" if some else last
