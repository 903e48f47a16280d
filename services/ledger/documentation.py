"""What the OpenAPI document cannot learn from handlers that read bodies and headers by hand."""

from dataclasses import dataclass
from typing import Any, Final

from litestar.openapi.spec import (
    Example,
    OpenAPIMediaType,
    OpenAPIResponse,
    Operation,
    Parameter,
    RequestBody,
    Schema,
)
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType

from services.domain.events import EVENT_TYPES
from services.ledger.posting import CLOUDEVENT, CLOUDEVENTS, JSON, NDJSON

EVENT_STREAM: Final = "text/event-stream"

EXAMPLE: Final = {
    "specversion": "1.0",
    "id": "3b0f6a0e-7d0b-4f0e-9d43-0d3f7b1c2a11",
    "source": "/front-door",
    "type": "ContactReceived",
    "data": {"contact_id": "contact-1", "channel": "phone"},
}
REQUIRED_OF_CLOUDEVENTS: Final = ["specversion", "id", "source"]


def _text(description: str, *, most: int = 200) -> Schema:
    return Schema(type=OpenAPIType.STRING, min_length=1, max_length=most, description=description)


def _event(*required: str) -> Schema:
    return Schema(
        type=OpenAPIType.OBJECT,
        description="One event; what `data` holds is said by the JSON Schema of its type.",
        required=["type", "data", *required],
        additional_properties=False,
        properties={
            "specversion": Schema(const="1.0"),
            "id": _text("Given by the sender; with `source` it says which event this is, once and for all."),
            "source": _text("The system that sends it; `/api` if there is none."),
            "type": Schema(type=OpenAPIType.STRING, enum=sorted(EVENT_TYPES)),
            "subject": _text("The case; on a case's own address it may be left out."),
            "time": Schema(
                type=OpenAPIType.STRING,
                format=OpenAPIFormat.DATE_TIME,
                description="When it happened; the moment of recording if there is none.",
            ),
            "dataschema": _text("The version of the event's type."),
            "datacontenttype": Schema(const=JSON),
            "actor": _text("Who did it: an account, never a name.", most=120),
            "actorrole": _text("As what.", most=64),
            "correlationid": _text("What this belongs to."),
            "causationid": _text("The event that brought this about."),
            "data": Schema(type=OpenAPIType.OBJECT),
        },
    )


def _media(schema: Schema, example: Any) -> OpenAPIMediaType:
    return OpenAPIMediaType(schema=schema, examples={"a contact": Example(value=example)})


def _batch(*required: str) -> Schema:
    items = _event(*REQUIRED_OF_CLOUDEVENTS, *required)
    return Schema(type=OpenAPIType.ARRAY, items=items, min_items=1)


def _header(name: str, description: str, pattern: str) -> Parameter:
    schema = Schema(type=OpenAPIType.STRING, pattern=pattern)
    return Parameter(name=name, param_in="header", description=description, schema=schema)


def _also_as(operation: Operation, media_type: str, description: str) -> None:
    answer = (operation.responses or {})["200"]
    if isinstance(answer, OpenAPIResponse) and answer.content is not None:
        schema = Schema(type=OpenAPIType.STRING, description=description)
        answer.content[media_type] = OpenAPIMediaType(schema=schema)


@dataclass
class AppendToStream(Operation):
    """Posting to one stream."""

    def __post_init__(self) -> None:
        """Document the body and the headers."""
        self.request_body = RequestBody(
            required=True,
            content={
                JSON: _media(_event(), EXAMPLE),
                CLOUDEVENT: _media(_event(*REQUIRED_OF_CLOUDEVENTS), EXAMPLE),
                CLOUDEVENTS: _media(_batch(), [EXAMPLE]),
            },
        )
        self.parameters = [
            *(self.parameters or []),
            _header(
                "If-Match",
                "Append only if the case is at this version.",
                r'^(\*|"[0-9]{1,15}"(, *"[0-9]{1,15}")*)$',
            ),
            _header("If-None-Match", "Append only if the case does not exist yet.", r"^\*$"),
            _header("Idempotency-Key", "Names a plain JSON post that has no `id`.", r"^[!-~]{1,255}$"),
        ]


@dataclass
class ReadStream(Operation):
    """Reading one stream."""

    def __post_init__(self) -> None:
        """Document the form that is asked for by `Accept`."""
        _also_as(self, NDJSON, "One document a line.")


@dataclass
class ReadAll(Operation):
    """Reading the whole ledger."""

    def __post_init__(self) -> None:
        """Document the live tail."""
        _also_as(self, EVENT_STREAM, "Server-sent events without end; an event's id is its position.")
        resume = _header("Last-Event-ID", "Resume a live tail after this position.", r"^[0-9]{1,15}$")
        self.parameters = [*(self.parameters or []), resume]


@dataclass
class AppendToMany(Operation):
    """Posting to many streams."""

    def __post_init__(self) -> None:
        """Document the body."""
        example = {**EXAMPLE, "subject": "case-1"}
        line = Schema(
            type=OpenAPIType.STRING, description="Events as JSON, one a line, each with its `subject`."
        )
        self.request_body = RequestBody(
            required=True,
            content={
                CLOUDEVENTS: _media(_batch("subject"), [example]),
                NDJSON: OpenAPIMediaType(schema=line),
            },
        )
