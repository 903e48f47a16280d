"""JSON Schemas (2020-12) of events and of the stored document, made from the Structs that decode them.

Pure: each call gives the same, and nothing is read or written. The `$id` of an event's schema is what its
documents name as their `dataschema`.
"""

from typing import Any, Final

from msgspec import Struct, json

from services.domain.event import JSON_TYPE, schema_name
from services.domain.events import EVENT_TYPES
from services.domain.events.shape import END, Event
from services.domain.posted import Envelope

Schema = dict[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
DOCUMENT_ID: Final = "urn:caseledger:document"

_REF: Final = "#/$defs/{name}"
_NULL: Final = {"type": "null"}
_VERSION: Final = {"type": "integer", "minimum": 1}
_INSTANT: Final = {"type": "string", "format": "date-time"}
_DOCUMENT: Final[dict[str, Schema]] = {
    "position": _VERSION | {"description": "Its place in the ledger: 1, 2, 3 … in commit order."},
    "specversion": {"const": "1.0"},
    "id": {"description": "Given by the sender; with `source` it says which event this is."},
    "source": {"description": "The system that sent it.", "format": "uri-reference"},
    "type": {"enum": sorted(EVENT_TYPES), "description": "What happened, in the past tense."},
    "subject": {
        "type": "string",
        "pattern": "^(access~)?[A-Za-z0-9_-]{1,64}$",
        "description": "The case, or `office`; `access~` before it: the log of who was shown it.",
    },
    "time": _INSTANT | {"description": "When it happened, in UTC."},
    "dataschema": {
        "type": "string",
        "pattern": "^urn:caseledger:event:[A-Za-z0-9]+:[1-9][0-9]*$",
        "description": "The `$id` of the schema of `data`.",
    },
    "datacontenttype": {"const": JSON_TYPE},
    "caseversion": _VERSION | {"description": "Its place in its case: 1, 2, 3 …"},
    "recordedat": _INSTANT | {"description": "When the ledger wrote it, in UTC, to the millisecond."},
    "actor": {"description": "Who posted it: the authenticated account, never a name."},
    "onbehalfof": {
        "type": "string",
        "pattern": r"^[^\u0000-\u001f\u007f]+$",
        "maxLength": 120,
        "description": "On whose behalf a client system posted it: the account that says so.",
    },
    "actorrole": {"description": "As what."},
    "correlationid": {"description": "What it belongs to."},
    "causationid": {"description": "The event that brought it about."},
    "flags": {
        "type": "string",
        "pattern": "^[a-z][a-z0-9_]*( [a-z][a-z0-9_]*)*$",
        "description": "What deserves a second look, separated by spaces.",
    },
    "data": {"type": "object"},
    "sealed": {
        "type": "string",
        "pattern": "^[A-Za-z0-9+/]+={0,2}$",
        "contentEncoding": "base64",
        "description": "The personal fields of `data`, encrypted under the case's key.",
    },
}
_OPTIONAL: Final = frozenset(
    {"actor", "onbehalfof", "actorrole", "correlationid", "causationid", "flags", "sealed"}
)


def event(kind: type[Event]) -> Schema:
    """What the `data` of an event holds; a field that is personal says of whom, as `x-personal`."""
    return {"$schema": DIALECT, "$id": schema_name(kind)} | _schema_of(kind)


def document() -> Schema:
    """The stored CloudEvent, whose `data` is as the schema that it names says."""
    attributes = _schema_of(Envelope)["properties"]
    return {
        "$schema": DIALECT,
        "$id": DOCUMENT_ID,
        "title": "Document",
        "description": "One event as the ledger keeps it, publishes it and replays it: a CloudEvent 1.0.",
        "type": "object",
        "properties": {name: _said(attributes.get(name, {})) | own for name, own in _DOCUMENT.items()},
        "required": sorted(_DOCUMENT.keys() - _OPTIONAL),
        "additionalProperties": False,
        "allOf": [_data_of(EVENT_TYPES[name]) for name in sorted(EVENT_TYPES)],
    }


def _data_of(kind: type[Event]) -> Schema:
    return {
        "if": {"properties": {"dataschema": {"const": schema_name(kind)}}},
        "then": {"properties": {"type": {"const": kind.TYPE}, "data": {"$ref": schema_name(kind)}}},
    }


def _said(attribute: Schema) -> Schema:
    """An attribute that is there: one that was not said is not in the document, rather than null."""
    given = {name: value for name, value in attribute.items() if name != "default"}
    return given | ({"type": given["type"][0]} if isinstance(given.get("type"), list) else {})


def _schema_of(kind: type[Struct]) -> Schema:
    (_,), definitions = json.schema_components([kind], ref_template=_REF)
    schema: Schema = _plain(definitions.pop(kind.__name__))
    named: Schema = _plain(definitions)
    return schema | ({"$defs": named} if named else {})


def _plain(schema: Any) -> Any:
    """The same, easier to read: `null` beside the type, and patterns without what only Python needs."""
    match schema:
        case {"anyOf": [{"type": str() as kind, **rest}, null], **others} if null == _NULL:
            others.pop("default", None)
            return _plain({"type": [kind, "null"], **rest, **others})
        case dict():
            return {name: _plain(value) for name, value in schema.items() if value is not None}
        case list():
            return [_plain(value) for value in schema]
        case str():
            return schema.replace(END, "$")
        case _:
            return schema
