"""The stream as an AsyncAPI 3.0 document: what the ledger publishes, where, and what may be relied on.

Pure. References are to the files beside it: the stored document, and each event's `data`.
"""

from typing import Any, Final

from nats.js.api import Header

from services.domain.event import schema_name
from services.domain.events import EVENT_TYPES
from services.domain.events.shape import Event
from services.ledger.posting import CLOUDEVENT
from services.ledger.stream import STREAM, SUBJECTS

Document = dict[str, Any]

DIALECT: Final = "application/schema+json;version=draft-2020-12"
ADDRESS: Final = "case.{case_id}.{type}"
PROMISE: Final = (
    f"Every event that the ledger has committed, on the JetStream stream {STREAM} ({SUBJECTS}). A message is "
    "the stored document, byte for byte, and its sequence is the document's position: 1, 2, 3 …, without "
    "holes. Ask for what comes after the last position you have dealt with ($JS.API.DIRECT.GET, with `seq` "
    "and `batch`), as far as `relay.published` says that there is more; what the stream no longer holds, GET "
    "/v1/events of the ledger has. The stream is delivery, the ledger is the record."
)


def asyncapi() -> Document:
    """The whole document; one message for each type of event."""
    names = sorted(EVENT_TYPES)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "caseledger stream",
            "version": "1",
            "description": PROMISE,
            "license": {"name": "MIT"},
        },
        "defaultContentType": CLOUDEVENT,
        "servers": {
            "nats": {
                "host": "localhost:4222",
                "protocol": "nats",
                "description": "The NATS server that the ledger is configured with.",
            }
        },
        "channels": {"events": _channel(names)},
        "operations": {
            "publishEvent": {
                "action": "send",
                "channel": {"$ref": "#/channels/events"},
                "summary": "Published after its commit, once, in the order of positions.",
            }
        },
        "components": {
            "messages": {name: _message(EVENT_TYPES[name]) for name in names},
            "schemas": {"Headers": _headers()},
        },
    }


def _channel(names: list[str]) -> Document:
    return {
        "address": ADDRESS,
        "description": "One subject for each case and type of event.",
        "parameters": {
            "case_id": {
                "description": "The case, or `office`: letters, digits, `_` and `-`; or its log, `access~…`."
            },
            "type": {"description": "The event's type.", "enum": names},
        },
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
    }


def _message(kind: type[Event]) -> Document:
    data = {"$ref": f"events/{kind.TYPE}.{kind.VERSION}.json"}
    narrowed = {"type": {"const": kind.TYPE}, "dataschema": {"const": schema_name(kind)}, "data": data}
    payload = {"allOf": [{"$ref": "document.json"}, {"type": "object", "properties": narrowed}]}
    return {
        "name": kind.TYPE,
        "title": kind.TYPE,
        "summary": (kind.__doc__ or "").partition("\n")[0],
        "contentType": CLOUDEVENT,
        "headers": {"$ref": "#/components/schemas/Headers"},
        "payload": {"schemaFormat": DIALECT, "schema": payload},
    }


def _headers() -> Document:
    return {
        "type": "object",
        "properties": {
            Header.EXPECTED_STREAM.value: {"type": "string", "const": STREAM},
            Header.EXPECTED_LAST_SEQUENCE.value: {
                "type": "string",
                "pattern": "^[0-9]+$",
                "description": "The position before this one: the stream takes no message out of order.",
            },
        },
    }
