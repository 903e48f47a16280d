"""Take what is personal out of an event, and put it back: what stays is a valid event of the same type.

Pure: what keeps the personal part from other eyes is not here. Every marked field may be left out of its
event, so the part in clear can be read, folded and shown by whoever may see no more.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple, TypeVar

from msgspec import convert, json, structs, to_builtins
from msgspec.inspect import Metadata, Type, UnionType, type_info

from services.domain.events.shape import About, Event

E = TypeVar("E", bound=Event)
Personal = dict[str, Any]
"""The personal fields of one event that were said, by their names on the wire."""


class _Field(NamedTuple):
    name: str
    wire: str
    about: About


def fields_of(kind: type[Event]) -> dict[str, About]:
    """The personal fields of an event type by their names on the wire, and whom each is about."""
    return {field.wire: field.about for field in _marked(kind)}


def split(event: E) -> tuple[E, Personal]:
    """The event without what is personal, and what is: nothing, if nothing personal was said."""
    found = [(field, getattr(event, field.name)) for field in _marked(type(event))]
    said = [(field, value) for field, value in found if value is not None]
    if not said:
        return event, {}
    clear = structs.replace(event, **{field.name: None for field, _ in said})
    return clear, {field.wire: value for field, value in said}


def clear(event: E) -> E:
    """The event without what is personal."""
    return split(event)[0]


def join(event: E, personal: Mapping[str, Any]) -> E:
    """The whole event again; raises msgspec's `ValidationError` if that is no event of its type."""
    return convert(to_builtins(event) | personal, type(event)) if personal else event


def encode(personal: Personal) -> bytes:
    """What is personal as JSON: it is sealed so."""
    return json.encode(personal)


@cache
def _marked(kind: type[Event]) -> tuple[_Field, ...]:
    found = ((each, _mark(type_info(each.type))) for each in structs.fields(kind))
    return tuple(_Field(each.name, each.encode_name, About(mark)) for each, mark in found if mark)


def _mark(found: Type) -> str | None:
    match found:
        case Metadata(extra={"personal": str(about)}):
            return about
        case Metadata(type=inner):
            return _mark(inner)
        case UnionType(types=types):
            return next(filter(None, map(_mark, types)), None)
    return None
