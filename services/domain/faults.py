"""Find every fault of a JSON value that should have been a Struct: slow, and only on the way to a 400."""

from collections.abc import Collection
from typing import Any, cast

from msgspec import Raw, Struct, ValidationError, convert
from msgspec.structs import fields

from services.domain.errors import Fault
from services.domain.events.shape import BEYOND, is_beyond
from services.domain.wording import plainly


def find(shape: type[Struct], found: object, at: str, *, reserved: Collection[str] = ()) -> list[Fault]:
    """The faults of `found`, which stands at the JSON pointer `at`; `reserved` are the ledger's own names."""
    if not isinstance(found, dict):
        return [Fault(at, "must be a JSON object")]
    known = {each.encode_name: each for each in fields(shape)}
    faults = [
        Fault(f"{at}/{_escape(name)}", "is set by the ledger" if name in reserved else "is not a known field")
        for name in found
        if name not in known
    ]
    for name, each in known.items():
        if name not in found:
            if each.required:
                faults.append(Fault(f"{at}/{name}", "is required"))
        elif each.type is not Raw:
            faults += _value_faults(each.type, found[name], f"{at}/{name}")
    return faults


def _value_faults(kind: object, found: object, at: str) -> list[Fault]:
    try:
        read = convert(found, cast("type[Any]", kind))
    except ValidationError as error:
        message, inside, path = str(error).rpartition(" - at `$")
        if not inside:
            return [Fault(at, plainly(str(error), kind))]
        below = path.rstrip("`").replace("[", ".").replace("]", "").replace(".", "/")
        return [Fault(at + below, plainly(message, None))]
    return [Fault(at, BEYOND)] if is_beyond(read) else []


def _escape(name: str) -> str:
    """As RFC 6901, a JSON pointer, wants it."""
    return name.replace("~", "~0").replace("/", "~1")
