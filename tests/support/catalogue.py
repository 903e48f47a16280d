"""Write `docs/reference/events.md` from the events; `make schemas` does."""

import sys
from collections.abc import Iterator
from importlib import import_module
from itertools import groupby
from types import ModuleType
from typing import Any, Final

from msgspec import inspect

from services.domain import events
from services.domain.events import ACCESS_EVENT_TYPES, EVENT_TYPES, OFFICE_EVENT_TYPES
from services.domain.events.alert import Notification
from services.domain.events.correction import EventVoided
from services.domain.events.families import FAMILIES
from services.domain.events.shape import Event

INTRODUCTION: Final = """\
# Events

Generated from `services/domain/events/` by `make schemas`; a test compares. JSON Schemas are in \
`schemas/events/`.

An event is one CloudEvents 1.0 JSON document; what stands here is its `data`. A field in **bold** is \
required. A field marked *personal* is [sealed](../explanation/sealing.md): no document, read model, message \
or log line has it in clear. What is set by the ledger may be sent by a client that has it from elsewhere: \
see [decision 2](../decisions/0002-the-ledger-decides-the-dates-of-the-ladder.md).
"""
WORDS: Final[dict[Any, str]] = {
    inspect.StrType: "text",
    inspect.IntType: "whole number",
    inspect.BoolType: "true or false",
    inspect.DateType: "date",
    inspect.DateTimeType: "instant",
}


def pages() -> Iterator[str]:
    """The lines of the page."""
    yield INTRODUCTION
    for module, kinds in groupby(EVENT_TYPES.values(), key=_family_module):
        yield f"## {(module.__doc__ or '').splitlines()[0]}\n"
        for kind in kinds:
            yield from _of(kind)


def _family_module(kind: type[Event]) -> ModuleType:
    return import_module(f"{events.__name__}.{FAMILIES[kind.TYPE].lower()}")


def _of(kind: type[Event]) -> Iterator[str]:
    posted_to = "the office" if kind.TYPE in OFFICE_EVENT_TYPES else "a case"
    if kind is EventVoided or issubclass(kind, Notification):
        posted_to = "a case, or to the office"
    if kind.TYPE in ACCESS_EVENT_TYPES:
        posted_to = "nothing: the ledger itself records it"
    yield f"### {kind.TYPE}\n"
    yield f"{(kind.__doc__ or '').strip()} Version {kind.VERSION}; posted to {posted_to}.\n"
    yield "| field | is | |\n|---|---|---|"
    shape = inspect.type_info(kind)
    assert isinstance(shape, inspect.StructType)
    for field in shape.fields:
        found = _without_none(field.type)
        name = f"**`{field.encode_name}`**" if field.required else f"`{field.encode_name}`"
        yield f"| {name} | {_words(found)} | {_description(found)} |"
    yield ""


def _without_none(found: Any) -> Any:
    match found:
        case inspect.UnionType(types=types):
            (kept,) = (each for each in types if not isinstance(each, inspect.NoneType))
            return _without_none(kept)
        case inspect.Metadata(type=inspect.UnionType() as union):
            return inspect.Metadata(_without_none(union), found.extra_json_schema, found.extra)
        case _:
            return found


def _words(found: Any) -> str:
    match found:
        case inspect.Metadata(type=inner):
            return _words(inner)
        case inspect.EnumType(cls=cls):
            return ", ".join(f"`{member.value}`" for member in cls)
        case inspect.VarTupleType(item_type=item):
            return f"list of {_words(item)}"
        case inspect.StructType(fields=fields):
            return "{" + ", ".join(f"`{each.encode_name}`: {_words(each.type)}" for each in fields) + "}"
        case _:
            return WORDS[type(found)]


def _description(found: Any) -> str:
    if isinstance(found, inspect.VarTupleType):
        return _description(found.item_type)
    if not isinstance(found, inspect.Metadata):
        return (found.cls.__doc__ or "").splitlines()[0] if isinstance(found, inspect.EnumType) else ""
    about = (found.extra or {}).get("personal")
    said = str((found.extra_json_schema or {}).get("description", "")) or _description(found.type)
    return f"*personal, about the {about}:* {said}" if about else said


if __name__ == "__main__":
    sys.stdout.write("\n".join(pages()))
